import { describe, expect, it } from "vitest";
import { actionOf, keyLabel, SHORTCUTS, type Press } from "./shortcuts";

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key, code: /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : /^\d$/.test(key) ? `Digit${key}` : key, keyCode: 0,
  isComposing: false, altKey: false, ctrlKey: false, metaKey: false, repeat: false, ...more,
});

describe("shortcuts", () => {
  it("give no key two meanings in one scene", () => {
    for (const scene of ["ring", "idle", "call", "wrap_up", "monitor"]) {
      const keys = SHORTCUTS.filter((s) => s.scene === scene || s.scene === "any").map((s) => s.key);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  it("leave the browser its own combinations with Alt", () => {
    for (const { key } of SHORTCUTS) expect(["d", "e", "f"]).not.toContain(key);
  });

  it.each([{ isComposing: true }, { keyCode: 229 }])("mean nothing while Japanese is composed: %o", (more) => {
    expect(actionOf(press("F2", more), "ring", false, true)).toBeNull();
    expect(actionOf(press("m", { ...more, altKey: true }), "call", true, true)).toBeNull();
  });

  it("mean nothing in a field, except function keys and Alt", () => {
    expect(actionOf(press("m"), "call", true, true)).toBeNull();
    expect(actionOf(press("m", { altKey: true }), "call", true, true)).toBe("mute");
    expect(actionOf(press("µ", { altKey: true, code: "KeyM" }), "call", true, true)).toBe("mute");
    expect(actionOf(press("F9"), "call", true, true)).toBe("end");
  });

  it("can be switched off as single keys, as WCAG 2.1.4 asks", () => {
    expect(actionOf(press("m"), "call", false, false)).toBeNull();
    expect(actionOf(press("m", { altKey: true }), "call", false, false)).toBe("mute");
  });

  it("never take Ctrl or the system key from the browser, nor Alt+F4 from the system", () => {
    expect(actionOf(press("c", { ctrlKey: true }), "call", false, true)).toBeNull();
    expect(actionOf(press("m", { metaKey: true }), "call", false, true)).toBeNull();
    expect(actionOf(press("F4", { altKey: true }), "call", false, true)).toBeNull();
  });

  it("are alive only where they make sense", () => {
    expect(actionOf(press("F2"), "ring", false, true)).toBe("accept");
    expect(actionOf(press("F2"), "wrap_up", false, true)).toBe("save");
    expect(actionOf(press("F2"), "call", false, true)).toBeNull();
    expect(actionOf(press("s"), "idle", false, true)).toBeNull();
  });

  it("do nothing twice when a key is held, except for zooming", () => {
    expect(actionOf(press("s", { repeat: true }), "call", false, true)).toBeNull();
    expect(actionOf(press("+", { repeat: true }), "call", false, true)).toBe("zoom_in");
  });

  it("zoom without Shift on a Japanese and a US keyboard", () => {
    expect(actionOf(press(";"), "call", false, true)).toBe("zoom_in");
    expect(actionOf(press("="), "call", false, true)).toBe("zoom_in");
  });

  it("move a zoomed picture by its arrows, held as long as one likes", () => {
    expect(actionOf(press("ArrowLeft", { repeat: true }), "call", false, true)).toBe("pan_left");
    expect(actionOf(press("ArrowLeft"), "call", true, true)).toBeNull();
    expect(actionOf(press("ArrowLeft"), "idle", false, true)).toBeNull();
  });

  it("show their key on the button", () => {
    expect(keyLabel("accept")).toBe("F2");
    expect(keyLabel("mute")).toBe("M");
  });
});

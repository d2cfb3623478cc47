import { describe, expect, it } from "vitest";
import { limit } from "./wrap_up";

const at = (s: number): string => new Date(s * 1000).toISOString();

describe("the limit of a wrap-up", () => {
  it("is said quietly at first and as a warning in the last minute", () => {
    expect(limit(at(300), false, 0)).toEqual({ tone: "calm", text: "後処理の時間はあと 5:00" });
    expect(limit(at(300), false, 239_000)?.tone).toBe("calm");
    expect(limit(at(300), false, 240_000)).toMatchObject({ tone: "soon", text: expect.stringContaining("あと 1:00 で離席") });
  });

  it("never counts below nothing: the hub alone says that it is over", () => {
    expect(limit(at(300), false, 999_000)).toMatchObject({ tone: "soon", text: expect.stringContaining("0:00") });
    expect(limit(null, true, 0)?.tone).toBe("over");
  });

  it("says nothing where there is none", () => {
    expect(limit(null, false, 0)).toBeNull();
  });
});

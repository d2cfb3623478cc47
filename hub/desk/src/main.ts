import { mount } from "svelte";
import App from "./ui/App.svelte";
import { desk, wakeOnFirstTouch } from "./shell/desk.svelte";
import { prefs } from "./shell/prefs.svelte";
import "./style.css";

const target = document.getElementById("desk");
if (!target) throw new Error("desk: the page has no #desk");

prefs.paint();
wakeOnFirstTouch();

const sample = import.meta.env.DEV ? new URLSearchParams(location.search).get("sample") : null;
if (import.meta.env.DEV && sample) {
  const { pose } = await import("./samples/pose");
  pose(desk, sample);
} else {
  void desk.start();
}

mount(App, { target });

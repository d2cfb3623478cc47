import { mount } from "svelte";
import Join from "./Join.svelte";
import { visit } from "./visit.svelte";
import "../style.css";
import "./join.css";

const target = document.getElementById("join");
if (!target) throw new Error("join: the page has no #join");

const sample = import.meta.env.DEV ? new URLSearchParams(location.search).get("sample") : null;
if (import.meta.env.DEV && sample) {
  const { pose } = await import("./pose");
  pose(visit, sample);
} else {
  visit.start();
}

mount(Join, { target });

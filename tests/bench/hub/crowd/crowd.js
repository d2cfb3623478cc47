// The crowd: a line of JSON on standard input is a wish, a line on standard output its result.
//   {"do":"open","kind":"kiosk","url":...,"prefix":"t","count":2000,"key":PEM}   -> {"failed":0,"wall_s":1.2}
//   {"do":"storm"}                    all links are cut and come back at once
//   {"do":"talk","pairs":[{"kiosk":"t0","cookie":...}]}   desks that talk with these terminals
//   {"do":"relay","messages":100,"bytes":1500}            each desk (or plain link) says so many to its terminal
//   {"do":"ring","desks":[cookie],"touches":300}          -> {"ms":[...]}
//   {"do":"close"}
import { createInterface } from "node:readline";
import { Link } from "./link.js";

const AT_ONCE = 64; // while a crowd is gathered; a storm has no such mercy
let links = [];
let pairs = [];

async function all(some, open, limit) {
  let failed = 0, next = 0;
  const began = performance.now(), why = new Set();
  const worker = async () => {
    while (next < some.length) await open(some[next++]).catch((error) => ((failed += 1), why.add(String(error.message))));
  };
  await Promise.all(Array.from({ length: limit }, worker));
  return { failed, wall_s: (performance.now() - began) / 1000, why: [...why].slice(0, 3) };
}

const is = (type, call) => (said) => said.type === type && (!call || said.call === call);

// More links, named prefix0, prefix1, ... by how many there are already.
async function open({ kind, url, prefix, count, key }) {
  const more = Array.from({ length: count }, (_, n) => new Link(kind, url, `${prefix}${links.length + n}`, { key }));
  links.push(...more);
  return all(more, (link) => link.open(), AT_ONCE);
}

async function storm() {
  for (const link of links) link.drop();
  return all(links, (link) => link.open(), links.length);
}

async function answered(kiosk, desk, talk = true) {
  const rung = desk.next(is("ring"));
  const began = performance.now();
  kiosk.say("call_request", {});
  const { said, at } = await rung;
  const call = said.call;
  const talking = desk.next((word) => word.type === "desk_call" && word.body.call.state === "talking");
  desk.say("accept", {}, { call });
  await talking;
  return { call, ms: at - began };
}

async function talk({ url, desks }) {
  pairs = [];
  for (const [number, cookie] of desks.entries()) {
    const desk = new Link("desk", url, `desk-${number}`, { cookie }), kiosk = links[number];
    await desk.open();
    const there = desk.next((said) => said.type === "presence" && said.body.state === "available");
    desk.say("set_presence", { state: "available" });
    await there;
    const { call } = await answered(kiosk, desk);
    const offered = desk.next(is("offer"));
    kiosk.say("offer", { sdp: "v=0", mids: { 0: "audio" } }, { call, epoch: 1 });
    await offered;
    pairs.push({ desk, kiosk, call });
  }
  return {};
}

// Both servers get words of the same size; `answer` of the present epoch is what ours passes on without a look.
async function relay({ messages, bytes }) {
  const plain = links[0].kind === "plain";
  const sides = plain ? links.slice(0, 20).map((desk, n) => ({ desk, kiosk: links[20 + n], call: links[20 + n].name })) : pairs;
  const sdp = "v=0\r\n".padEnd(bytes, "x");
  const began = performance.now();
  await Promise.all(sides.map(async ({ desk, kiosk, call }) => {
    let left = messages;
    const through = new Promise((resolve) => {
      const wait = (said) => said.type === "answer" && --left === 0 && (kiosk.waits.delete(wait), resolve());
      kiosk.waits.add(wait);
    });
    for (let n = 0; n < messages; n++) {
      desk.say("answer", { sdp }, { call, epoch: 1 });
      if (n % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await through;
  }));
  return { relayed: sides.length * messages, wall_s: (performance.now() - began) / 1000 };
}

async function ring({ url, desk: cookie, touches }) {
  const desk = new Link("desk", url, "desk", { cookie }), ms = [];
  await desk.open();
  const there = desk.next((said) => said.type === "presence" && said.body.state === "available");
  desk.say("set_presence", { state: "available" });
  await there;
  for (let n = 0; n < touches; n++) {
    const found = await answered(links[(n * 7919) % links.length], desk);
    ms.push(found.ms);
    const free = desk.next((said) => said.type === "presence" && said.body.state === "available");
    const over = desk.next((said) => said.type === "desk_call" && said.body.call.state === "ended");
    desk.say("end_call", {}, { call: found.call });
    await over;
    desk.say("wrap_up", { procedure: "other", outcome: "completed" }, { call: found.call });
    await free;
  }
  desk.drop();
  return { ms };
}

async function close() {
  for (const link of [...links, ...pairs.map((pair) => pair.desk)]) link.drop();
  links = pairs = [];
  return {};
}

const wishes = { open, storm, talk, relay, ring, close };
for await (const line of createInterface({ input: process.stdin })) {
  const wish = JSON.parse(line);
  const result = await wishes[wish.do](wish).catch((error) => ({ error: String(error.stack) }));
  console.log(JSON.stringify(result));
}
process.exit(0);

import { expect, it } from "vitest";
import { newest } from "./relays";

const server = (username: string) => ({ urls: ["turn:relay"], username, credential: "c" });

it("takes the credentials of the call, which are newer than those of the link", () => {
  expect(newest([server("call")], [server("welcome")])).toEqual([server("call")]);
});

it("uses what came with the link when the hub sends none with a call", () => {
  expect(newest([], [server("welcome")])).toEqual([server("welcome")]);
});

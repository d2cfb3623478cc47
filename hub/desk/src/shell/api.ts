// The hub's REST calls, each with its answer or an `ApiError` that carries a sentence for the operator.

import type {
  AuditPage, DisasterSwitch, DisasterWanted, Enrolled, Enrolment, FactorCode, Failure, HalfLogin, Handbook, KeptPeople,
  LoggedIn, Login, Me, NewPassword, PasskeyAnswer, PasskeyGone, PasskeyList, PasskeyNew, PasskeyQuestion, PersonWanted,
  RolesWanted,
} from "../protocol";

/** `code` is stable; `message` is Japanese, for the person. `code` "offline": the hub did not answer. */
export class ApiError extends Error {
  constructor(readonly code: string, message: string, readonly status: number) {
    super(message);
  }
}

let csrf = "";

/** Who is logged in; ApiError `no_login` when nobody is. */
export async function me(): Promise<Me> {
  return welcome(await call("GET", "/api/me"));
}

/** Who it is, or which second factor is still wanted. ApiError: wrong_login, too_many_tries. */
export async function login(name: string, password: string): Promise<Me | HalfLogin> {
  const said = (await call("POST", "/api/login", { name, password } satisfies Login)) as LoggedIn | HalfLogin;
  if (!("step" in said)) return welcome(said);
  csrf = said.csrf;
  return said;
}

/** The second half of a login. ApiError: wrong_code, too_many_tries, no_login. */
export async function prove(code: string): Promise<Me> {
  return welcome(await call("POST", "/api/login/code", { code } satisfies FactorCode));
}

export async function newFactor(): Promise<Enrolment> {
  return (await call("POST", "/api/login/enrol")) as Enrolment;
}

/** The first code of a new second factor: who it is, and the recovery codes. */
export async function confirmFactor(code: string): Promise<[Me, readonly string[]]> {
  const said = (await call("POST", "/api/login/enrol/code", { code } satisfies FactorCode)) as Enrolled;
  return [welcome(said.login), said.recovery];
}

/** A fresh code, for what needs one. */
export async function stepUp(code: string): Promise<void> {
  await call("POST", "/api/login/step-up", { code } satisfies FactorCode);
}

/** For what a passkey is asked: the second half of a login, or a fresh proof. */
export type PasskeyUse = "login" | "step-up";

const USES: Readonly<Record<PasskeyUse, string>> = { login: "/api/login/passkey", "step-up": "/api/login/step-up/passkey" };

/** What the browser is to be asked. ApiError: no_login. */
export async function passkeyQuestion(use: PasskeyUse): Promise<PasskeyQuestion> {
  return (await call("POST", `${USES[use]}/question`)) as PasskeyQuestion;
}

/** The second half of a login. ApiError: wrong_passkey, late_passkey, copied_passkey, no_login. */
export async function proveByPasskey(answer: string): Promise<Me> {
  return welcome(await call("POST", USES.login, { answer } satisfies PasskeyAnswer));
}

/** A fresh proof, for what needs one. ApiError as above. */
export async function stepUpByPasskey(answer: string): Promise<void> {
  await call("POST", USES["step-up"], { answer } satisfies PasskeyAnswer);
}

/** My own, and whether I may add one. */
export async function passkeys(): Promise<PasskeyList> {
  return (await call("GET", "/api/me/passkeys")) as PasskeyList;
}

/** For a new one. ApiError: step_up, too_many. */
export async function newPasskeyQuestion(): Promise<PasskeyQuestion> {
  return (await call("POST", "/api/me/passkeys/question")) as PasskeyQuestion;
}

export async function addPasskey(name: string, answer: string): Promise<void> {
  await call("POST", "/api/me/passkeys", { name, answer } satisfies PasskeyNew);
}

/** ApiError: step_up. */
export async function removePasskey(id: string): Promise<void> {
  await call("POST", "/api/me/passkeys/remove", { id } satisfies PasskeyGone);
}

export async function logout(): Promise<void> {
  await call("POST", "/api/logout");
  csrf = "";
}

/** ApiError 404 when this login does not work for the municipality. */
export async function handbook(municipality: string): Promise<Handbook> {
  return (await call("GET", `/api/desk/municipalities/${encodeURIComponent(municipality)}/handbook`)) as Handbook;
}

/** How the disaster switch of a municipality stands. */
export async function disaster(municipality: string): Promise<DisasterSwitch> {
  return (await call("GET", disasterPath(municipality))) as DisasterSwitch;
}

/** Show this page on every terminal of a municipality; an empty one: none any more. ApiError: unknown_page. */
export async function turnDisaster(municipality: string, page: string): Promise<DisasterSwitch> {
  return (await call("POST", disasterPath(municipality), { page } satisfies DisasterWanted)) as DisasterSwitch;
}

function disasterPath(municipality: string): string {
  return `/api/admin/municipalities/${encodeURIComponent(municipality)}/disaster`;
}

const kept = (municipality: string, rest: string): string =>
  `/api/admin/municipalities/${encodeURIComponent(municipality)}/${rest}`;
const person = (municipality: string, user: string, job: string): string =>
  kept(municipality, `people/${encodeURIComponent(user)}/${job}`);

/** Everybody of a municipality, for its admin. Changes throw ApiError step_up when they want a fresh code. */
export async function people(municipality: string): Promise<KeptPeople> {
  return (await call("GET", kept(municipality, "people"))) as KeptPeople;
}

export async function addPerson(municipality: string, body: PersonWanted): Promise<NewPassword> {
  return (await call("POST", kept(municipality, "people"), body)) as NewPassword;
}

export async function setRoles(municipality: string, user: string, roles: RolesWanted["roles"]): Promise<void> {
  await call("POST", person(municipality, user, "roles"), { roles } satisfies RolesWanted);
}

export async function setDisabled(municipality: string, user: string, disabled: boolean): Promise<void> {
  await call("POST", person(municipality, user, "disabled"), { disabled });
}

export async function resetPassword(municipality: string, user: string): Promise<NewPassword> {
  return (await call("POST", person(municipality, user, "password"))) as NewPassword;
}

export async function resetFactor(municipality: string, user: string): Promise<void> {
  await call("POST", person(municipality, user, "second-factor"));
}

/** `day` as 2026-11-24 or empty, `actor` a user's id or empty. */
export async function audit(municipality: string, day: string, actor: string, before: number | null): Promise<AuditPage> {
  const asked = new URLSearchParams({ day, actor, ...(before === null ? {} : { before: String(before) }) });
  return (await call("GET", kept(municipality, `audit?${asked}`))) as AuditPage;
}

/** Whether the hub answers, and how long it took in ms. */
export async function health(): Promise<number> {
  const start = performance.now();
  await call("GET", "/api/health");
  return performance.now() - start;
}

/** Address of a stored still; the browser sends the login with it. */
export function imageOf(call: string, capture: string): string {
  return `/api/desk/calls/${encodeURIComponent(call)}/captures/${encodeURIComponent(capture)}/image`;
}

function welcome(body: unknown): Me {
  const found = body as LoggedIn;
  csrf = found.csrf;
  return found.me;
}

async function call(method: string, path: string, body?: object): Promise<unknown> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      headers: {
        ...(body ? { "Content-Type": "application/json" } : {}),
        ...(method === "GET" ? {} : { "X-Madoguchi-CSRF": csrf }),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  } catch {
    throw new ApiError("offline", "ハブにつながりません。回線を確かめて、もう一度お試しください。", 0);
  }
  const text = await answer.text();
  const parsed: unknown = text ? safely(text) : null;
  if (answer.ok) return parsed;
  const said = (parsed ?? {}) as Partial<Failure>;
  throw new ApiError(said.code ?? `http_${answer.status}`, said.text ?? `ハブが応答できませんでした(${answer.status})。`, answer.status);
}

function safely(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

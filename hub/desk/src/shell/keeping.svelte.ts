// What the admin's page holds: the people and the audit trail of one municipality, and the change that is under way.

import type { AuditLine, KeptPeople, KeptPerson, Role } from "../protocol";
import * as api from "./api";
import { prove } from "./passkeys.svelte";

export type Page = "people" | "audit" | "own";
export type Wanted = readonly (readonly [Role, string | null])[];

const NOBODY: KeptPeople = { people: [], departments: [], roles: [] };

export class Keeping {
  municipality = $state("");
  page = $state<Page>("people");
  state = $state<"loading" | "there" | "failed">("loading");
  problem = $state("");
  busy = $state(false);
  book = $state.raw<KeptPeople>(NOBODY);
  /** Whose details are open: a user's id, "new", or "" for nobody. */
  open = $state("");
  /** Told once: a password that the hub has just made, and for whom. */
  secret = $state.raw<{ name: string; login: string; password: string } | null>(null);
  done = $state("");
  /** A change that wants a fresh code first. */
  waiting = $state.raw<(() => Promise<void>) | null>(null);

  lines = $state.raw<readonly AuditLine[]>([]);
  day = $state("");
  actor = $state("");
  older = $state<number | null>(null);

  readonly person = $derived(this.book.people.find((one) => one.user === this.open) ?? null);

  async choose(municipality: string): Promise<void> {
    this.municipality = municipality;
    this.close();
    this.actor = "";
    this.book = NOBODY;
    this.lines = [];
    await this.load();
  }

  async show(page: Page): Promise<void> {
    this.page = page;
    this.close();
    await this.load();
  }

  async load(): Promise<void> {
    this.state = "loading";
    try {
      this.book = await api.people(this.municipality);
      if (this.page === "audit") await this.read(null);
      this.state = "there";
    } catch (error) {
      this.problem = words(error);
      this.state = "failed";
    }
  }

  /** Entries of the chosen day and person; `before` adds what is older. */
  async read(before: number | null): Promise<void> {
    const found = await api.audit(this.municipality, this.day, this.actor, before);
    this.lines = before === null ? found.lines : [...this.lines, ...found.lines];
    this.older = found.before;
  }

  select(user: string): void {
    this.close();
    this.open = user;
  }

  close(): void {
    this.open = "";
    this.secret = null;
    this.done = this.problem = "";
    this.waiting = null;
  }

  add(login: string, name: string, roles: Wanted): Promise<void> {
    return this.change("登録しました。", async () => {
      const { password } = await api.addPerson(this.municipality, { login_name: login, name, roles: roles.map(pair) });
      this.open = "";
      this.secret = { name, login, password };
    });
  }

  setRoles(person: KeptPerson, roles: Wanted): Promise<void> {
    return this.change(`${person.name} の役割を変えました。`, async () => {
      await api.setRoles(this.municipality, person.user, roles.map(pair));
      if (!roles.length) this.open = "";
    });
  }

  setDisabled(person: KeptPerson, disabled: boolean): Promise<void> {
    const what = disabled ? "の利用を止めました。" : "が、また使えるようになりました。";
    return this.change(`${person.name} ${what}`, () => api.setDisabled(this.municipality, person.user, disabled));
  }

  resetPassword(person: KeptPerson): Promise<void> {
    return this.change("パスワードを付け直しました。", async () => {
      const { password } = await api.resetPassword(this.municipality, person.user);
      this.secret = { name: person.name, login: person.login_name, password };
    });
  }

  resetFactor(person: KeptPerson): Promise<void> {
    return this.change(`次のログインで、${person.name} が二段階の確認を設定し直します。`, () =>
      api.resetFactor(this.municipality, person.user),
    );
  }

  /** The code that a change was waiting for, or with none a passkey; then the change. */
  async prove(code: string): Promise<void> {
    const change = this.waiting;
    this.busy = true;
    this.problem = "";
    try {
      if (code) await api.stepUp(code);
      else await api.stepUpByPasskey(await prove("step-up"));
      this.waiting = null;
    } catch (error) {
      this.problem = words(error);
    }
    this.busy = false;
    if (!this.waiting && change) await change();
  }

  private async change(done: string, act: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.done = this.problem = "";
    this.secret = null;
    try {
      await act();
      this.book = await api.people(this.municipality);
      this.done = done;
    } catch (error) {
      if (error instanceof api.ApiError && error.code === "step_up") this.waiting = () => this.change(done, act);
      else this.problem = words(error);
    }
    this.busy = false;
  }
}

const pair = ([role, department]: readonly [Role, string | null]): [Role, string | null] => [role, department];

function words(error: unknown): string {
  return error instanceof api.ApiError ? error.message : "うまくいきませんでした。画面を読み込み直してください。";
}

export const keeping = new Keeping();

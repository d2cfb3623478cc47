// Passkeys: what the hub asks goes to the browser, which asks the person's device; and the list of one's own.

import type { PasskeyQuestion, PasskeyShown } from "../protocol";
import * as api from "./api";

/** Whether this browser can be asked. */
export function able(): boolean {
  return typeof PublicKeyCredential !== "undefined" && "parseRequestOptionsFromJSON" in PublicKeyCredential;
}

/** The device's answer, as text. ApiError `cancelled` when the person or the device said no. */
async function ask(question: PasskeyQuestion, make: boolean): Promise<string> {
  const options: unknown = JSON.parse(question.options);
  try {
    const found = make
      ? await navigator.credentials.create({
          publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON),
        })
      : await navigator.credentials.get({
          publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON),
        });
    return JSON.stringify(found);
  } catch (error) {
    const known = error instanceof DOMException && error.name === "InvalidStateError";
    throw new api.ApiError(
      known ? "known_passkey" : "cancelled",
      known ? "この機器のパスキーは、もう登録されています。" : "パスキーでの確認が、取り消されたか時間切れになりました。もう一度お試しください。",
      0,
    );
  }
}

/** Her passkey for this use, as the hub wants to hear it. */
export async function prove(use: api.PasskeyUse): Promise<string> {
  return ask(await api.passkeyQuestion(use), false);
}

class Passkeys {
  list = $state.raw<readonly PasskeyShown[]>([]);
  offered = $state(false);
  busy = $state(false);
  problem = $state("");
  done = $state("");
  /** A change that wants a fresh proof first. */
  waiting = $state.raw<(() => Promise<void>) | null>(null);

  /** Whether there is anything to show. */
  readonly shown = $derived(able() && (this.offered || this.list.length > 0));

  async load(): Promise<void> {
    try {
      const found = await api.passkeys();
      this.list = found.passkeys;
      this.offered = found.offered;
    } catch (error) {
      this.problem = words(error);
    }
  }

  add(name: string): Promise<void> {
    return this.change("パスキーを足しました。次のログインから使えます。", async () => {
      const answer = await ask(await api.newPasskeyQuestion(), true);
      await api.addPasskey(name, answer);
    });
  }

  remove(one: PasskeyShown): Promise<void> {
    return this.change(`「${one.name}」を消しました。もう使えません。`, () => api.removePasskey(one.id));
  }

  /** The proof that a change was waiting for: a code, or with none a passkey; then the change. */
  async proved(code: string): Promise<void> {
    const change = this.waiting;
    await this.guard(async () => {
      if (code) await api.stepUp(code);
      else await api.stepUpByPasskey(await prove("step-up"));
      this.waiting = null;
    });
    if (!this.waiting && change) await change();
  }

  private change(done: string, act: () => Promise<void>): Promise<void> {
    return this.guard(async () => {
      await act();
      await this.load();
      this.done = done;
    }, () => (this.waiting = () => this.change(done, act)));
  }

  private async guard(act: () => Promise<void>, stale: () => void = () => {}): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.done = this.problem = "";
    try {
      await act();
    } catch (error) {
      if (error instanceof api.ApiError && error.code === "step_up") stale();
      else this.problem = words(error);
    }
    this.busy = false;
  }
}

function words(error: unknown): string {
  return error instanceof api.ApiError ? error.message : "うまくいきませんでした。画面を読み込み直してください。";
}

export const passkeys = new Passkeys();

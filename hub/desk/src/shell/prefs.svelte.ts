// What this operator has chosen on this machine. Kept in localStorage: device ids and switches, nothing about people.

export type Theme = "auto" | "light" | "dark";

interface Stored {
  theme: Theme;
  letters: boolean;
  volume: number;
  microphone: string;
  camera: string;
  speaker: string;
}

const KEY = "madoguchi.desk";
const DEFAULTS: Stored = { theme: "auto", letters: true, volume: 0.7, microphone: "", camera: "", speaker: "" };

function stored(): Stored {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Stored>) };
  } catch {
    return { ...DEFAULTS };
  }
}

class Prefs {
  values = $state<Stored>(stored());

  set<K extends keyof Stored>(key: K, value: Stored[K]): void {
    this.values[key] = value;
    try {
      localStorage.setItem(KEY, JSON.stringify(this.values));
    } catch {
      // Private windows may refuse: the choice then holds until the tab is closed.
    }
    if (key === "theme") this.paint();
  }

  /** Puts the theme on the page; the style sheet does the rest. */
  paint(): void {
    const root = document.documentElement;
    if (this.values.theme === "auto") delete root.dataset["theme"];
    else root.dataset["theme"] = this.values.theme;
  }
}

export const prefs = new Prefs();

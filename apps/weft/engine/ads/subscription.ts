/**
 * What the engine holds and wants of one resource type, in either variant of the xDS protocol: rows by name, the versions that were
 * accepted, and the questions to ask next. Survives streams, owns none. A resource that is refused keeps its last good row and version;
 * the others of its answer are taken, as Envoy does.
 */
import { formatDiagnostic, type Diagnostic, type Result } from '@weft/core/kernel';
import type { DiscoveryAnswer, Question } from './port.ts';

export interface SubscriptionSetting<Row> {
  readonly typeUrl: string;
  /** Everything there is; else only what `want` names. */
  readonly wildcard: boolean;
  readonly decode: (bytes: Uint8Array) => Result<Row, readonly Diagnostic[]>;
  /** The name of a resource that cannot be decoded, as far as it is readable. */
  readonly nameOf: (bytes: Uint8Array) => string | undefined;
}

/** What one type held when everything was at work: enough to begin with in another process. */
export interface Held<Row> {
  /** Of the last accepted answer; '' in the delta variant. */
  readonly version: string;
  readonly rows: ReadonlyMap<string, { readonly row: Row; readonly version: string }>;
}

/** What a name held before its newest row, and what it held before that, back to the row that was at work. */
interface Earlier {
  readonly row: unknown;
  readonly version: string;
  readonly earlier: Earlier | undefined;
  readonly depth: number;
}

const MAX_EARLIER = 8;

export abstract class Subscription<Row extends { readonly name: string }> {
  readonly typeUrl: string;
  readonly wildcard: boolean;
  rows: ReadonlyMap<string, Row> = new Map();
  protected names: readonly string[] = [];
  protected nonce = '';
  /** Of the last accepted answer; stays '' in the delta variant. */
  protected answerVersion = '';
  /** On this stream. */
  protected asked = false;
  /** An answer was accepted, on whatever stream. */
  answered = false;
  /** An answer came, and its good rows were taken. */
  heard = false;
  readonly #setting: SubscriptionSetting<Row>;
  /** Of names whose newest row has not been put to work yet. */
  readonly #earlier = new Map<string, Earlier>();

  constructor(setting: SubscriptionSetting<Row>) {
    this.#setting = setting;
    this.typeUrl = setting.typeUrl;
    this.wildcard = setting.wildcard;
  }

  /** A new stream: the first question, when there is something to ask for. `all` false: what is there as a whole is not wanted yet. */
  open(all = this.wildcard): Question | undefined {
    this.nonce = '';
    this.asked = (this.wildcard && all) || this.names.length > 0;
    return this.asked ? this.first() : undefined;
  }

  /** Only these names from now on; rows of others are forgotten. A question when that changes something and a stream is open. */
  want(names: readonly string[], open: boolean): Question | undefined {
    const wanted = [...new Set(names)].sort();
    const before = this.names;
    if (wanted.length === before.length && wanted.every((name, index) => name === before[index])) return undefined;
    this.names = wanted;
    this.rows = new Map([...this.rows].filter(([name]) => wanted.includes(name)));
    this.forget(wanted);
    if (!open || (wanted.length === 0 && !this.asked)) return undefined;
    const first = !this.asked;
    this.asked = true;
    return first ? this.first() : this.changed(before);
  }

  /** One more by its name, beside what is asked for anyway. */
  demand(name: string, open: boolean): Question | undefined {
    const before = this.names;
    if (before.includes(name)) return undefined;
    this.names = [...before, name].sort();
    if (!open) return undefined;
    const first = !this.asked;
    this.asked = true;
    return first ? this.first() : this.changed(before);
  }

  /** A stream is open and nothing was asked on it. */
  get silent(): boolean {
    return !this.asked;
  }

  /** What a question names: nothing where everything is meant, unless something is asked for by name as well. */
  protected get namesAsked(): readonly string[] {
    return this.wildcard && this.names.length > 0 ? ['*', ...this.names] : this.names;
  }

  /** A text for each fault that begins with the resource's name, so that a control plane can withhold that one and no other. */
  take(answer: DiscoveryAnswer): readonly string[] {
    const { decode, nameOf } = this.#setting;
    this.nonce = answer.nonce;
    this.heard = true;
    const before = this.rows;
    const kept = new Map<string, Row>(this.whole(answer) ? [] : before);
    const faults: string[] = [];
    for (const { name: given, version, value } of answer.resources) {
      const row = decode(value);
      if (row.ok) {
        if (!this.wanted(row.value.name)) continue;
        this.#keepBefore(row.value.name);
        kept.set(row.value.name, row.value);
        this.accepted(row.value.name, version);
        continue;
      }
      const name = given === '' ? (nameOf(value) ?? '') : given;
      faults.push(`${name}: ${row.error.map(formatDiagnostic).join('; ')}`);
      const last = before.get(name);
      if (last !== undefined) kept.set(name, last);
    }
    for (const name of answer.removed) kept.delete(name);
    this.rows = kept;
    this.forget([...kept.keys()]);
    return faults;
  }

  held(): Held<Row> {
    const rows = new Map([...this.rows].map(([name, row]) => [name, { row, version: this.versionOf(name) }]));
    return { version: this.answerVersion, rows };
  }

  /** Before the first stream: what another process held. */
  restore({ version, rows }: Held<Row>): void {
    this.rows = new Map([...rows].map(([name, { row }]) => [name, row]));
    for (const [name, { version: own }] of rows) this.accepted(name, own);
    this.answerVersion = version;
    this.answered = true;
    this.heard = true;
  }

  /** Whether no later answer has come on this stream: only then is a word on it still of use. */
  isLatest({ nonce }: { readonly nonce: string }): boolean {
    return this.nonce === nonce;
  }

  /** These rows are at work, but for those of `faults`. */
  proved(rows: ReadonlyMap<string, unknown>, faults: ReadonlyMap<string, string>): void {
    for (const name of this.#earlier.keys()) {
      if (!faults.has(name) && rows.get(name) === this.rows.get(name)) this.#earlier.delete(name);
    }
  }

  /** A row could not be put to work: the one before it counts again, with its version. No effect when a newer one has come. */
  disown(name: string, row: unknown): void {
    if (this.rows.get(name) !== row) return;
    const before = this.#earlier.get(name);
    const rows = new Map(this.rows);
    if (before?.row === undefined) rows.delete(name);
    else {
      rows.set(name, before.row as Row);
      this.accepted(name, before.version);
    }
    if (before?.earlier === undefined) this.#earlier.delete(name);
    else this.#earlier.set(name, before.earlier);
    this.rows = rows;
    this.forget([...rows.keys()]);
  }

  /** A peer that changes a row again and again before it can be put to work makes no chain without end. */
  #keepBefore(name: string): void {
    const known = this.#earlier.get(name);
    const earlier = (known?.depth ?? 0) < MAX_EARLIER ? known : known?.earlier;
    this.#earlier.set(name, {
      row: this.rows.get(name),
      version: this.versionOf(name),
      earlier,
      depth: (earlier?.depth ?? 0) + 1,
    });
  }

  /** The answer was taken as it is. */
  abstract acknowledge(answer: DiscoveryAnswer): Question;
  abstract refuse(text: string): Question;
  protected abstract first(): Question;
  /** The names changed from `before`. */
  protected abstract changed(before: readonly string[]): Question;
  /** Whether what an answer does not name is gone. */
  protected abstract whole(answer: DiscoveryAnswer): boolean;
  protected abstract accepted(name: string, version: string): void;
  protected abstract versionOf(name: string): string;
  /** Versions of names that are not among these need not be kept. */
  protected abstract forget(kept: readonly string[]): void;

  protected wanted(name: string): boolean {
    return this.wildcard || this.names.includes(name);
  }
}

/** DiscoveryRequest and DiscoveryResponse: each question states all names and the last accepted version. */
export class StateOfTheWorld<Row extends { readonly name: string }> extends Subscription<Row> {
  acknowledge({ versionInfo }: DiscoveryAnswer): Question {
    this.answerVersion = versionInfo;
    this.answered = true;
    return this.#question(undefined);
  }

  refuse(text: string): Question {
    return this.#question(text);
  }

  protected first(): Question {
    return this.#question(undefined);
  }

  protected changed(): Question {
    return this.#question(undefined);
  }

  protected whole(): boolean {
    return this.wildcard;
  }

  protected accepted(): void {
    // The version is the answer's.
  }

  protected versionOf(): string {
    return '';
  }

  protected forget(): void {
    // The version is the answer's.
  }

  #question(error: string | undefined): Question {
    const { typeUrl, nonce, namesAsked } = this;
    return { kind: 'state', typeUrl, versionInfo: this.answerVersion, nonce, names: namesAsked, error };
  }
}

/** DeltaDiscoveryRequest and DeltaDiscoveryResponse: questions state differences, versions are each resource's own. */
export class Delta<Row extends { readonly name: string }> extends Subscription<Row> {
  readonly #versions = new Map<string, string>();

  acknowledge(): Question {
    this.answered = true;
    return this.#question({ nonce: this.nonce });
  }

  refuse(text: string): Question {
    return this.#question({ nonce: this.nonce, error: text });
  }

  protected first(): Question {
    return this.#question({ subscribe: this.namesAsked, initialVersions: new Map(this.#versions) });
  }

  protected changed(before: readonly string[]): Question {
    return this.#question({
      subscribe: this.names.filter((name) => !before.includes(name)),
      unsubscribe: before.filter((name) => !this.names.includes(name)),
    });
  }

  protected whole(): boolean {
    return false;
  }

  protected accepted(name: string, version: string): void {
    this.#versions.set(name, version);
  }

  protected versionOf(name: string): string {
    return this.#versions.get(name) ?? '';
  }

  protected forget(kept: readonly string[]): void {
    const names = new Set(kept);
    for (const name of this.#versions.keys()) if (!names.has(name)) this.#versions.delete(name);
  }

  #question(said: Partial<Extract<Question, { kind: 'delta' }>>): Question {
    return {
      kind: 'delta',
      typeUrl: this.typeUrl,
      nonce: '',
      subscribe: [],
      unsubscribe: [],
      initialVersions: new Map(),
      error: undefined,
      ...said,
    };
  }
}

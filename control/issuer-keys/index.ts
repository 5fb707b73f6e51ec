/**
 * The keys of token issuers that Authentications name by URL: fetched by the control plane, so that no proxy needs a way out and both
 * engines get the same. Keys fetched last count until newer ones come; nothing of a failed fetch counts.
 */
import type { Diagnostic, MonotonicClock, Result, Timer } from '@weft/core/kernel';
import { parseDuration } from '@weft/core/kernel';
import { type Authentication, objectName, type StoredObject, type TokenIssuer } from '@weft/core/resources';

export { fetchKeys, type FetchOptions } from './fetch.ts';

/** A JWK set as JSON text, or why there is none, as a phrase. Must end by itself, and take little. */
export type FetchKeys = (url: string) => Promise<Result<string, string>>;

export interface IssuerKeysOptions {
  readonly fetch: FetchKeys;
  readonly clock: MonotonicClock;
  /** Other keys are known than before. */
  readonly onChange: () => void;
}

/** ms from a failed fetch to the next: doubles from the first to the second. */
const RETRY = { first: 1000, last: 60_000 };
/** URLs that are followed at once; more are told and get no keys. */
const MOST = 200;

interface Followed {
  refresh: number;
  keys: string | undefined;
  fault: string | undefined;
  failures: number;
  timer: Timer | undefined;
  ended: boolean;
}

export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  readonly #followed = new Map<string, Followed>();
  readonly #filled = new WeakMap<
    StoredObject,
    { readonly keys: readonly (string | undefined)[]; readonly object: StoredObject }
  >();
  #stopped = false;

  constructor(options: IssuerKeysOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#stopped = true;
    for (const one of this.#followed.values()) end(one);
    this.#followed.clear();
  }

  /** Follows the URLs of these objects and forgets all others. */
  follow(objects: Iterable<StoredObject>): void {
    if (this.#stopped) return;
    const wanted = new Map<string, number>();
    for (const object of objects)
      for (const { keys } of issuersOf(object)) {
        if (keys.url === undefined) continue;
        const refresh = parseDuration(keys.refresh) ?? 0;
        wanted.set(keys.url, Math.min(refresh, wanted.get(keys.url) ?? refresh));
      }
    for (const [url, one] of this.#followed)
      if (!wanted.has(url)) {
        end(one);
        this.#followed.delete(url);
      }
    for (const [url, refresh] of wanted) {
      const known = this.#followed.get(url);
      if (known !== undefined) known.refresh = refresh;
      else if (this.#followed.size < MOST) this.#begin(url, refresh);
    }
  }

  /** The object with the keys that are known now; the same object for the same keys. */
  filled(object: StoredObject): StoredObject {
    const issuers = issuersOf(object);
    if (!issuers.some(({ keys }) => keys.url !== undefined)) return object;
    const keys = issuers.map(({ keys: { url } }) => (url === undefined ? undefined : this.#followed.get(url)?.keys));
    const before = this.#filled.get(object);
    if (before?.keys.every((text, index) => text === keys[index]) === true) return before.object;
    const spec = (object as Authentication).spec;
    const made: StoredObject = {
      ...object,
      spec: {
        ...spec,
        issuers: issuers.map((issuer, index) => {
          const jwks = keys[index];
          return jwks === undefined ? issuer : { ...issuer, keys: { ...issuer.keys, jwks } };
        }),
      },
    };
    this.#filled.set(object, { keys, object: made });
    return made;
  }

  /** Issuers whose keys could not be fetched. */
  findings(objects: Iterable<StoredObject>): Diagnostic[] {
    const found: Diagnostic[] = [];
    for (const object of objects)
      for (const [index, { keys }] of issuersOf(object).entries()) {
        const one = keys.url === undefined ? undefined : this.#followed.get(keys.url);
        const fault =
          keys.url !== undefined && one === undefined ? `more than ${MOST} addresses are followed` : one?.fault;
        if (fault === undefined) continue;
        const { kind, metadata } = object;
        found.push({
          severity: one?.keys === undefined ? 'error' : 'warning',
          code: 'keys-not-fetched',
          message: `${fault}: ${one?.keys === undefined ? 'every token of the issuer is refused' : 'the keys fetched last count on'}`,
          place: {
            object: objectName(kind, metadata.namespace, metadata.name),
            path: `spec.issuers[${index}].keys.url`,
          },
          remedy: 'fetch it by hand on the control plane’s host, or write the keys into `jwks`',
        });
      }
    return found;
  }

  #begin(url: string, refresh: number): void {
    const one: Followed = { refresh, keys: undefined, fault: undefined, failures: 0, timer: undefined, ended: false };
    this.#followed.set(url, one);
    void this.#fetch(url, one);
  }

  async #fetch(url: string, one: Followed): Promise<void> {
    const got = await this.#options.fetch(url);
    if (one.ended) return;
    if (got.ok) {
      const changed = got.value !== one.keys;
      one.keys = got.value;
      one.fault = undefined;
      one.failures = 0;
      if (changed) this.#options.onChange();
    } else {
      one.fault = got.error;
      one.failures += 1;
    }
    const wait = got.ok ? one.refresh : Math.min(RETRY.first * 2 ** (one.failures - 1), RETRY.last, one.refresh);
    one.timer = this.#options.clock.after(wait, () => void this.#fetch(url, one));
  }
}

function end(one: Followed): void {
  one.ended = true;
  one.timer?.cancel();
}

const issuersOf = (object: StoredObject): readonly TokenIssuer[] =>
  object.kind === 'Authentication' ? ((object as Authentication).spec.issuers ?? []) : [];

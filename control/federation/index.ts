/**
 * Bundles of foreign trust domains (Mesh `spec.federation`): fetched from their endpoints, or as they were pasted. What was fetched last counts until
 * a newer one comes, across restarts too; nothing of a failed fetch, and no older bundle, takes its place.
 */
import { createHash } from 'node:crypto';
import type { TrustDomainBundle } from '@weft/core/agent-api';
import {
  type Diagnostic,
  err,
  type MonotonicClock,
  ok,
  type Result,
  type Timer,
  type WallClock,
} from '@weft/core/kernel';
import { type Mesh, objectName, type StoredObject } from '@weft/core/resources';
import { parseSpiffeBundle, type SpiffeBundle } from '../authority/spiffe-bundle.ts';
import type { BundleFiles } from './files.ts';
import type { FetchBundle } from './fetch.ts';

export { BundleFiles } from './files.ts';
export { type BundleServer, fetchBundle, type FetchBundle } from './fetch.ts';

export interface FederationOptions {
  readonly fetch: FetchBundle;
  readonly clock: MonotonicClock;
  readonly wall: WallClock;
  /** What was fetched, across restarts. */
  readonly files: Pick<BundleFiles, 'read' | 'write'>;
  /** Another bundle counts than before: `federated` and `filled` say something else. */
  readonly onChange: () => void;
}

/** Of one foreign trust domain of one mesh. */
export interface FederationState {
  readonly mesh: string;
  readonly trustDomain: string;
  /** '' where the bundle is pasted. */
  readonly url: string;
  /** undefined: none is known. */
  readonly bundle: SpiffeBundle | undefined;
  /** ms since the epoch of the last fetch that succeeded, by this process or one before; undefined: the bundle is the pasted one, or there is none. */
  readonly fetched: number | undefined;
  /** Why the last fetch failed; undefined: it did not. */
  readonly fault: string | undefined;
}

/** ms. 5 min without a hint: SPIFFE Federation 4.1. */
const REFRESH = { least: 10_000, most: 3_600_000, unhinted: 300_000 };
/** ms from a failed fetch to the next: doubles from the first to the last. */
const RETRY = { first: 1000, last: 60_000 };
/** Characters of one bundle's roots in PEM, and of its JWK set: all bundles of a workload travel in one message of 256 KiB. */
const MOST = { roots: 16_384, jwks: 8192 };

type Entry = Mesh['spec']['federation'][number];

interface Followed {
  readonly mesh: string;
  entry: Entry;
  /** Of the entry: what was fetched by another one counts for nothing. */
  readonly identity: string;
  bundle: SpiffeBundle | undefined;
  fetched: number | undefined;
  fault: string | undefined;
  failures: number;
  timer: Timer | undefined;
  ended: boolean;
}

export class Federation {
  readonly #options: FederationOptions;
  /** By mesh and trust domain. */
  readonly #followed = new Map<string, Followed>();
  readonly #filled = new WeakMap<StoredObject, { readonly known: string; readonly object: StoredObject }>();
  #stopped = false;

  constructor(options: FederationOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#stopped = true;
    for (const one of this.#followed.values()) end(one);
    this.#followed.clear();
  }

  /** Follows what these objects name and forgets all else. */
  follow(objects: Iterable<StoredObject>): void {
    if (this.#stopped) return;
    const wanted = new Map<string, readonly [mesh: string, entry: Entry]>();
    for (const object of objects)
      for (const entry of entriesOf(object)) wanted.set(keyOf(object, entry), [object.metadata.name, entry]);
    for (const [key, one] of this.#followed)
      if (identityOf(wanted.get(key)?.[1]) !== one.identity) {
        end(one);
        this.#followed.delete(key);
      }
    for (const [key, [mesh, entry]] of wanted) if (!this.#followed.has(key)) this.#begin(key, mesh, entry);
  }

  /** A Mesh without the foreign trust domains that no bundle is known of; the same object for the same ones. */
  filled(object: StoredObject): StoredObject {
    const entries = entriesOf(object);
    if (entries.length === 0) return object;
    const federation = entries.filter((entry) => this.#followed.get(keyOf(object, entry))?.bundle !== undefined);
    if (federation.length === entries.length) return object;
    const known = federation.map(({ trustDomain }) => trustDomain).join();
    const before = this.#filled.get(object);
    if (before?.known === known) return before.object;
    const made: StoredObject = { ...object, spec: { ...(object as Mesh).spec, federation } };
    this.#filled.set(object, { known, object: made });
    return made;
  }

  /** What workloads of a mesh verify foreign trust domains with. */
  federated(mesh: string): readonly TrustDomainBundle[] {
    return [...this.#followed.values()].flatMap(({ mesh: of, bundle }) =>
      of !== mesh || bundle === undefined
        ? []
        : [{ trustDomain: bundle.trustDomain, roots: bundle.roots, jwks: bundle.jwks }],
    );
  }

  states(): readonly FederationState[] {
    return [...this.#followed.values()].map(({ mesh, entry, bundle, fetched, fault }) => ({
      mesh,
      trustDomain: entry.trustDomain,
      url: entry.endpoint?.url ?? '',
      bundle,
      fetched,
      fault,
    }));
  }

  /** Bundles that could not be fetched or read. */
  findings(objects: Iterable<StoredObject>): Diagnostic[] {
    const found: Diagnostic[] = [];
    for (const object of objects)
      for (const [index, entry] of entriesOf(object).entries()) {
        const one = this.#followed.get(keyOf(object, entry));
        if (one?.fault === undefined) continue;
        found.push({
          severity: one.bundle === undefined ? 'error' : 'warning',
          code: 'bundle-not-fetched',
          message: `${one.fault}: ${one.bundle === undefined ? `nobody of ${entry.trustDomain} is believed` : `the ${one.fetched === undefined ? 'pasted' : 'last'} bundle of ${entry.trustDomain} counts on`}`,
          place: {
            object: objectName(object.kind, '', object.metadata.name),
            path: `spec.federation[${index}].${entry.endpoint === undefined ? 'bundle' : 'endpoint.url'}`,
          },
          remedy: 'fetch it by hand on the control plane’s host; `weft authority show` says which bundle counts',
        });
      }
    return found;
  }

  #begin(key: string, mesh: string, entry: Entry): void {
    const identity = identityOf(entry);
    const one: Followed = {
      mesh,
      entry,
      identity,
      bundle: undefined,
      fetched: undefined,
      fault: undefined,
      failures: 0,
      timer: undefined,
      ended: false,
    };
    this.#followed.set(key, one);
    const pasted = entry.bundle === undefined ? undefined : usable(entry.trustDomain, entry.bundle);
    if (pasted?.ok === true) one.bundle = pasted.value;
    else if (pasted !== undefined) one.fault = `the pasted bundle: ${pasted.error}`;
    if (entry.endpoint === undefined) return;
    const kept = this.#options.files.read(key, identity);
    const last = kept === undefined ? undefined : usable(entry.trustDomain, kept.text);
    if (kept !== undefined && last?.ok === true) [one.bundle, one.fetched] = [last.value, kept.fetched];
    void this.#fetch(key, one);
  }

  async #fetch(key: string, one: Followed): Promise<void> {
    const got = await this.#got(one);
    if (one.ended) return;
    if (got.ok) {
      const { bundle, text } = got.value;
      const changed = JSON.stringify(bundle) !== JSON.stringify(one.bundle);
      one.bundle = bundle;
      one.fetched = this.#options.wall.now();
      one.fault = undefined;
      one.failures = 0;
      const unkept = this.#options.files.write(key, one.identity, { text, fetched: one.fetched });
      if (unkept !== undefined) one.fault = `it is not kept across a restart: ${unkept}`;
      if (changed) this.#options.onChange();
    } else {
      one.fault = got.error;
      one.failures += 1;
    }
    const hinted = one.bundle?.refreshHint === undefined ? REFRESH.unhinted : one.bundle.refreshHint * 1000;
    const refresh = Math.min(Math.max(hinted, REFRESH.least), REFRESH.most);
    const wait = got.ok ? refresh : Math.min(RETRY.first * 2 ** Math.min(one.failures - 1, 10), RETRY.last);
    one.timer = this.#options.clock.after(wait, () => void this.#fetch(key, one));
  }

  async #got(one: Followed): Promise<Result<{ readonly bundle: SpiffeBundle; readonly text: string }, string>> {
    const { endpoint, trustDomain } = one.entry;
    if (endpoint === undefined) return err('it has no endpoint');
    const { url, spiffeId, certificateAuthorities = '' } = endpoint;
    const server = spiffeId?.slice('spiffe://'.length).split('/', 1)[0];
    const roots =
      server === undefined
        ? certificateAuthorities
        : (this.#followed.get(`${one.mesh}/${server}`)?.bundle?.roots ?? '');
    if (spiffeId !== undefined && roots === '')
      return err(`no bundle of ${server} is known, which verifies the endpoint`);
    const fetched = await this.#options.fetch({ url, spiffeId, roots });
    if (!fetched.ok) return fetched;
    const bundle = usable(trustDomain, fetched.value);
    if (!bundle.ok) return err(`what the endpoint serves is no bundle that can be used: ${bundle.error}`);
    const [before, now] = [one.bundle?.sequence, bundle.value.sequence];
    if (one.fetched !== undefined && before !== undefined && now !== undefined && now < before)
      return err(`the endpoint serves an older bundle (sequence ${now} after ${before})`);
    return ok({ bundle: bundle.value, text: fetched.value });
  }
}

/** One that holds roots, few enough to travel. */
function usable(trustDomain: string, text: string): Result<SpiffeBundle, string> {
  const bundle = parseSpiffeBundle(trustDomain, text);
  if (!bundle.ok) return bundle;
  if (bundle.value.roots === '') return err('it holds no root of X.509-SVIDs');
  if (bundle.value.roots.length > MOST.roots) return err(`its roots are longer than ${MOST.roots} characters of PEM`);
  if (bundle.value.jwks.length > MOST.jwks) return err(`its keys of JWT-SVIDs are longer than ${MOST.jwks} characters`);
  return bundle;
}

function end(one: Followed): void {
  one.ended = true;
  one.timer?.cancel();
}

const identityOf = (entry: Entry | undefined): string =>
  entry === undefined ? '' : createHash('sha256').update(JSON.stringify(entry)).digest('hex');
const keyOf = (object: StoredObject, { trustDomain }: Entry): string => `${object.metadata.name}/${trustDomain}`;
const entriesOf = (object: StoredObject): readonly Entry[] =>
  object.kind === 'Mesh' ? (object as Mesh).spec.federation : [];

/**
 * The verbs on objects, without HTTP: what the REST API calls and what controllers in this process call, so that every object passes the
 * same admission. Authorization is the caller's. Never writes what has not been checked.
 */
import { err, ok, type Diagnostic, type Result, type WallClock } from '@weft/core/kernel';
import { type AnyKind, bodyOf, type ObjectKey, type Origin, type StoredObject } from '@weft/core/resources';
import { type Change, type LogEntry, nameOf, type Store, type StoreError } from '../store/index.ts';
import { addressOf, ClusterIps, ownerOf } from './admission/cluster-ips.ts';
import { Gate } from './admission/gate.ts';
import { holdsOthers, inUse } from './admission/in-use.ts';
import { admit, type FieldValidation } from './admission/validate.ts';
import { keyOfTarget, subjectOf, type Target } from './catalog.ts';
import { rehearse } from './admission/rehearse.ts';
import { wireObject } from './output/object-form.ts';
import { isJsonObject, type JsonObject } from './patch/merge-patch.ts';
import {
  badRequest,
  conflict,
  forbidden,
  invalid,
  notFound,
  type Status,
  storeFailure,
  unavailable,
} from './status.ts';

/** Tries of a write whose caller named no revision, while others change the same object. */
const TRIES = 8;

export interface WriteOptions {
  /** A user name, `workload:<spiffe id>`, `controller:<name>`. */
  readonly author: string;
  readonly dryRun?: boolean;
  /** What happens to unknown fields; Strict by default. */
  readonly validation?: FieldValidation;
  /** The text it was applied from. Absent: the stored one is kept as long as spec does not change. */
  readonly origin?: Origin | undefined;
  /** Only `status` is written, everything else stays. */
  readonly statusOnly?: boolean;
  /** Whether a change that breaks an Invariant is refused. Default false: what the mesh writes itself is never held up. */
  readonly holdInvariants?: boolean;
}

export interface Written {
  readonly object: StoredObject;
  readonly created: boolean;
  readonly warnings: readonly Diagnostic[];
}

export interface Preconditions {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

export interface ResourcesOptions {
  /** Virtual addresses of Services: an IPv4 CIDR, 240.240.0.0/16 by default. */
  readonly serviceRange?: string;
  readonly clock?: WallClock;
  readonly guard?: InvariantGuard;
}

/** What would not hold any more after `object` stood in the place of what has its key; undefined: after that is gone. */
export type InvariantGuard = (key: ObjectKey, object: StoredObject | undefined) => readonly Diagnostic[];

/** Of an object: it may be written, changed and deleted though an Invariant breaks. The log keeps it. */
export const BREAK_INVARIANTS = 'weft.dev/break-invariants';

type Outcome = Promise<Result<Written, Status>>;

interface Addressed {
  readonly object: StoredObject;
  /** To be released when the object is not stored. */
  readonly reserved: string | undefined;
}

export class Resources {
  readonly store: Store;
  readonly #clock: WallClock;
  readonly #ips: ClusterIps;
  readonly #gate = new Gate();
  readonly #guard: InvariantGuard;

  constructor(store: Store, options: ResourcesOptions = {}) {
    this.store = store;
    this.#clock = options.clock ?? { now: () => Date.now() };
    this.#ips = new ClusterIps(options.serviceRange);
    this.#guard = options.guard ?? (() => []);
  }

  /** The store must have been started. */
  start(): Promise<void> {
    return this.#ips.start(this.store);
  }

  stop(): void {
    this.#ips.stop();
  }

  async get(target: Target): Promise<Result<StoredObject, Status>> {
    const object = await this.store.get(keyOfTarget(target));
    return object === undefined ? err(notFound(subjectOf(target))) : ok(object);
  }

  /** `target.name` may be '' when the document names itself, or asks for a name by `metadata.generateName`. */
  create(target: Target, document: unknown, options: WriteOptions): Outcome {
    return this.#gate.shared(async () => {
      const missing = await this.#namespaceMissing(target);
      if (missing !== undefined) return err(missing);
      return this.#admitAndWrite(target, document, undefined, options);
    });
  }

  /** Replaces. A resourceVersion in the document must be the present one. */
  update(target: Target, document: unknown, options: WriteOptions): Outcome {
    return this.#change(target, options, () => ok(document));
  }

  /** `edit` gets the object's JSON form in the target's version and gives the new one; it may be called several times. */
  patch(target: Target, edit: (now: JsonObject) => Result<unknown, Status>, options: WriteOptions): Outcome {
    return this.#change(target, options, edit);
  }

  async delete(
    target: Target,
    preconditions: Preconditions,
    options: WriteOptions,
  ): Promise<Result<StoredObject, Status>> {
    const key = keyOfTarget(target);
    const work = async (): Promise<Result<StoredObject, Status>> => {
      for (let tries = 1; ; tries += 1) {
        const now = await this.get(target);
        if (!now.ok) return now;
        const { uid, resourceVersion } = now.value.metadata;
        if (preconditions.uid !== undefined && preconditions.uid !== uid) {
          return err(conflict(subjectOf(target), `its uid is ${uid}, not ${preconditions.uid}`));
        }
        if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
          return err(conflict(subjectOf(target), `it is at resourceVersion ${resourceVersion}`));
        }
        const held = await inUse(this.store, key);
        if (held !== undefined) return err(conflict(subjectOf(target), held));
        const broken = this.#broken(target, key, undefined, now.value, options);
        if (broken !== undefined) return err(broken);
        if (options.dryRun === true) return now;
        const change = { key, object: undefined, expected: Number(resourceVersion) };
        const written = await this.store.write(options.author, [change]);
        if (written.ok) return now;
        if (written.error.code !== 'conflict' || tries >= TRIES)
          return err(storeFailure(subjectOf(target), written.error));
      }
    };
    return holdsOthers(key) ? this.#gate.alone(work) : this.#gate.shared(work);
  }

  /** Oldest first; empty when nothing of it is in the log. Works for deleted objects too. */
  history(target: Target): Promise<readonly LogEntry[]> {
    return this.store.history(keyOfTarget(target));
  }

  /** Makes labels, annotations, spec and origin what they were at `revision`; makes a deleted object anew. */
  async rollback(target: Target, revision: number, options: WriteOptions): Outcome {
    const entries = await this.history(target);
    const then = stateAt(entries, revision);
    if (then === undefined) {
      const known = entries.filter(({ after }) => after !== undefined).map((entry) => entry.revision);
      const say =
        known.length === 0 ? 'nothing of it is in the log' : `revisions in the log are ${known.slice(-10).join(', ')}`;
      return err(badRequest(`${target.kind.kind} ${target.name}: no state of revision ${revision}: ${say}`));
    }
    const { apiVersion, kind, metadata, origin } = then;

    const { name, namespace, labels, annotations } = metadata;
    const document = {
      apiVersion,
      kind,
      metadata: { name, ...(namespace === '' ? {} : { namespace }), labels, annotations },
      ...bodyOf(target.kind, then.spec),
    };
    const stored: Target = { ...target, version: target.kind.versions[0] };
    const withOrigin = { ...options, origin };
    const there = await this.store.get(keyOfTarget(target));
    return there === undefined ? this.create(stored, document, withOrigin) : this.update(stored, document, withOrigin);
  }

  #change(target: Target, options: WriteOptions, edit: (now: JsonObject) => Result<unknown, Status>): Outcome {
    return this.#gate.shared(async () => {
      for (let tries = 1; ; tries += 1) {
        const before = await this.get(target);
        if (!before.ok) return before;
        const document = edit(wireObject(before.value, target.kind, target.version));
        if (!document.ok) return document;
        const stale = stalePrecondition(target, before.value, document.value);
        if (stale !== undefined) return err(stale);
        const written = await this.#admitAndWrite(target, document.value, before.value, options);
        const retry = !written.ok && written.error.reason === 'Conflict' && tries < TRIES;
        if (!retry) return written;
      }
    });
  }

  async #admitAndWrite(
    target: Target,
    document: unknown,
    before: StoredObject | undefined,
    options: WriteOptions,
  ): Outcome {
    const admitted = admit(target, document, before, options);
    if (!admitted.ok) return admitted;
    const { object, warnings } = admitted.value;
    const addressed = this.#address(target.kind, object, before);
    if (!addressed.ok) return addressed;
    const { reserved } = addressed.value;
    const final: Target = { ...target, namespace: object.metadata.namespace, name: object.metadata.name };
    const expected = Number(before?.metadata.resourceVersion ?? 0);
    const change = { key: keyOfTarget(final), object: addressed.value.object, expected };
    const broken = this.#broken(final, change.key, addressed.value.object, addressed.value.object, options);
    if (broken !== undefined) {
      if (reserved !== undefined) this.#ips.release(ownerOf(object), reserved);
      return err(broken);
    }
    const dryRun = options.dryRun === true;
    const stored = dryRun
      ? await rehearse(this.store, change, this.#clock.now())
      : await this.#store(options.author, change);
    if (reserved !== undefined && (dryRun || !stored.ok)) this.#ips.release(ownerOf(object), reserved);
    if (!stored.ok) return err(storeFailure(subjectOf(final), stored.error));
    return ok({ object: stored.value, created: before === undefined, warnings });
  }

  /** `says`: the object whose annotation may permit it. */
  #broken(
    target: Target,
    key: ObjectKey,
    object: StoredObject | undefined,
    says: StoredObject,
    { holdInvariants, statusOnly }: WriteOptions,
  ): Status | undefined {
    if (holdInvariants !== true || statusOnly === true || says.metadata.annotations[BREAK_INVARIANTS] === 'true')
      return undefined;
    const found = this.#guard(key, object);
    if (found.length === 0) return undefined;
    const sentences = found.map(({ message, place }) => `${place.object ?? ''} ${place.path ?? ''}: ${message}`);
    return forbidden(
      subjectOf(target),
      `an Invariant would break: ${sentences.join('; ')} (annotate it with ${BREAK_INVARIANTS}: "true" to do it all the same)`,
    );
  }

  async #store(author: string, change: Change): Promise<Result<StoredObject, StoreError>> {
    const written = await this.store.write(author, [change]);
    if (!written.ok) return written;
    const object = written.value[0];
    if (object === undefined) throw new Error(`${nameOf(change.key)} was to be stored and is gone`);
    return ok(object);
  }

  /** The Service with its virtual address, and the address when it was free until now; every other object as it is. */
  #address(kind: AnyKind, object: StoredObject, before: StoredObject | undefined): Result<Addressed, Status> {
    if (kind.group !== '' || kind.kind !== 'Service') return ok({ object, reserved: undefined });
    const spec = object.spec as { readonly clusterIP?: string };
    const [owner, present, asked] = [ownerOf(object), addressOf(before), addressOf(object)];
    if (spec.clusterIP === 'None' || (asked !== undefined && asked === present))
      return ok({ object, reserved: undefined });
    if (asked !== undefined) {
      const claimed = this.#ips.claim(owner, asked);
      if (typeof claimed === 'string') return ok({ object, reserved: claimed === 'reserved' ? asked : undefined });
      const remedy = 'remove it to have an address allotted';
      const finding = { severity: 'error', code: 'invalid-value', message: claimed.refused, remedy } as const;
      const subject = { group: '', plural: kind.plural, name: object.metadata.name };
      return err(invalid(subject, 'Service', [{ ...finding, place: { path: 'spec.clusterIP' } }]));
    }
    const address = present ?? this.#ips.allot(owner);
    if (address === undefined) {
      return err(unavailable('every virtual address of the range is in use: delete Services or widen the range'));
    }
    const addressed = { ...object, spec: { ...spec, clusterIP: address } };
    return ok({ object: addressed, reserved: present === undefined ? address : undefined });
  }

  async #namespaceMissing({ kind, namespace }: Target): Promise<Status | undefined> {
    if (kind.scope === 'Cluster') return undefined;
    const there = await this.store.get({ group: '', kind: 'Namespace', namespace: '', name: namespace });
    return there === undefined ? notFound({ group: '', plural: 'namespaces', name: namespace }) : undefined;
  }
}

/** Why a document that names a revision or uid cannot replace `before`. */
function stalePrecondition(target: Target, before: StoredObject, document: unknown): Status | undefined {
  if (!isJsonObject(document) || !isJsonObject(document['metadata'])) return undefined;
  const { resourceVersion, uid } = document['metadata'];
  if (typeof uid === 'string' && uid !== '' && uid !== before.metadata.uid) {
    return conflict(subjectOf(target), `its uid is ${before.metadata.uid}, not ${uid}`);
  }
  if (
    typeof resourceVersion === 'string' &&
    resourceVersion !== '' &&
    resourceVersion !== before.metadata.resourceVersion
  ) {
    return conflict(subjectOf(target), 'it has been changed meanwhile; get it again and apply your change to that');
  }
  return undefined;
}

/** The object as it was at `revision`, undefined when it was not there or that is no longer known. */
function stateAt(entries: readonly LogEntry[], revision: number): StoredObject | undefined {
  const entry = entries.findLast((candidate) => candidate.revision <= revision);
  if (entry !== undefined) return entry.after;
  const before = entries[0]?.before;
  return before !== undefined && Number(before.metadata.resourceVersion) <= revision ? before : undefined;
}

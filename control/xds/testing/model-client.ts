/**
 * A client of the xDS protocol as a model: it holds resources, asks for what they refer to, refuses what is marked bad, and can come
 * back on a new stream with what it holds. It knows Envoy's ways of taking a faulty response in part.
 */
import { RESOURCE_TYPES, type ResourceSet, type ResourceType } from '../snapshot/index.ts';
import { isWholeSet, pushed, type Protocol, type Push, type Subscription } from '../subscription/index.ts';
import { describe, type Description } from './mesh.ts';

export interface ModelOptions {
  readonly protocol: Protocol;
  /** What a client keeps of a response with a fault: its right resources, those before the first wrong one, or nothing. */
  readonly faulty: 'right ones' | 'until the first wrong one' | 'nothing';
  /** Whether its error text names the resources. */
  readonly namesFaults: boolean;
}

export interface Held {
  readonly version: string;
  readonly description: Description;
}

interface TypeView {
  held: Map<string, Held>;
  version: string;
  nonce: string;
  /** Names last asked for; undefined before the first request of the stream. */
  asked: readonly string[] | undefined;
}

/** A request on its way to the server. */
export type Sent = (subscription: Subscription) => void;

export class ModelClient {
  readonly #options: ModelOptions;
  readonly #views: Record<ResourceType, TypeView>;
  outbox: Sent[] = [];
  /** `type name` of resources that came although they were held at that version and had never been given up and asked for anew. */
  readonly repeated: string[] = [];
  readonly #givenUp = new Set<string>();
  refusals = 0;

  constructor(options: ModelOptions) {
    this.#options = options;
    const view = (): TypeView => ({ held: new Map(), version: '', nonce: '', asked: undefined });
    this.#views = { clusters: view(), endpoints: view(), listeners: view(), routes: view() };
  }

  held(type: ResourceType): ReadonlyMap<string, Held> {
    return this.#views[type].held;
  }

  /** A new stream; what was under way is lost. */
  connect(): void {
    this.outbox = [];
    for (const type of RESOURCE_TYPES) {
      const view = this.#views[type];
      view.nonce = '';
      view.asked = undefined;
    }
    for (const type of RESOURCE_TYPES) this.#ask(type);
  }

  receive(push: Push): void {
    const view = this.#views[push.type];
    const resources = pushed(push).map(({ name, version, body }) => ({ name, version, description: describe(body) }));
    for (const { name, version } of resources) {
      const whole = this.#options.protocol === 'state-of-the-world' && isWholeSet(push.type);
      const excused = whole || this.#givenUp.has(`${push.type} ${name}`);
      if (!excused && view.held.get(name)?.version === version) this.repeated.push(`${push.type} ${name}`);
    }
    const wrong = resources.filter(({ description }) => description.bad);
    const taken =
      wrong.length === 0 || this.#options.faulty === 'right ones'
        ? resources.filter(({ description }) => !description.bad)
        : this.#options.faulty === 'nothing'
          ? []
          : resources.slice(
              0,
              resources.findIndex(({ description }) => description.bad),
            );
    for (const { name, version, description } of taken) view.held.set(name, { version, description });
    if (wrong.length === 0 || this.#options.faulty === 'right ones') this.#remove(push, view);
    view.nonce = push.nonce;
    if (wrong.length === 0) view.version = push.target.version;
    else this.refusals++;
    const error =
      wrong.length === 0
        ? undefined
        : this.#options.namesFaults
          ? `${wrong.map(({ name }) => `${name}: is marked bad`).join(', ')}.`
          : 'something is wrong';
    this.#forgetUnreferenced();
    this.#send(push.type, error, true);
    if (push.type === 'clusters') this.#ask('endpoints');
    if (push.type === 'listeners') this.#ask('routes');
  }

  #remove(push: Push, view: TypeView): void {
    if (push.protocol === 'delta') {
      for (const name of push.removed) view.held.delete(name);
    } else if (isWholeSet(push.type)) {
      const names = new Set(push.target.resources.keys());
      for (const name of view.held.keys()) if (!names.has(name)) view.held.delete(name);
    }
  }

  #wanted(type: ResourceType): string[] {
    const referrers = this.#views[type === 'endpoints' ? 'clusters' : 'listeners'].held.values();
    return [...new Set([...referrers].flatMap(({ description }) => description.references[type] ?? []))].sort();
  }

  #forgetUnreferenced(): void {
    for (const type of ['endpoints', 'routes'] as const) {
      const wanted = new Set(this.#wanted(type));
      for (const name of this.#views[type].held.keys()) if (!wanted.has(name)) this.#views[type].held.delete(name);
    }
  }

  #ask(type: ResourceType): void {
    const { asked } = this.#views[type];
    const wanted = isWholeSet(type) ? ['*'] : this.#wanted(type);
    if (asked === undefined ? wanted.length > 0 : asked.join() !== wanted.join()) this.#send(type, undefined, false);
  }

  #send(type: ResourceType, error: string | undefined, answer: boolean): void {
    const view = this.#views[type];
    const wanted = isWholeSet(type) ? ['*'] : this.#wanted(type);
    const before = view.asked ?? [];
    const first = view.asked === undefined;
    view.asked = wanted;
    const { nonce, version } = view;
    for (const name of before) if (!wanted.includes(name)) this.#givenUp.add(`${type} ${name}`);
    if (this.#options.protocol === 'state-of-the-world') {
      this.outbox.push((subscription) => subscription.stateOfTheWorld(type, { version, names: wanted, nonce, error }));
      return;
    }
    const initialVersions = new Map(first ? [...view.held].map(([name, held]) => [name, held.version]) : []);
    const subscribe = wanted.filter((name) => !before.includes(name));
    const unsubscribe = before.filter((name) => !wanted.includes(name));
    this.outbox.push((subscription) =>
      subscription.delta(type, { subscribe, unsubscribe, initialVersions, nonce: answer ? nonce : '', error }),
    );
  }
}

/** Sets that were sent, by version, as the server remembers them. */
export class Recall {
  readonly #sets = new Map<string, ResourceSet>();

  add({ type, target }: Push): void {
    this.#sets.set(`${type} ${target.version}`, target);
  }

  find(type: ResourceType, version: string): ResourceSet | undefined {
    return this.#sets.get(`${type} ${version}`);
  }
}

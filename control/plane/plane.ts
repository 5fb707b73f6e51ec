/**
 * The plane joins the control plane's parts: store and liveness in, one compiled configuration a connected proxy out. Changes of one turn
 * are taken together; compiling many proxies gives way to other work every 20 ms. Nothing here knows a wire format.
 */
import type { RowChange } from '@weft/core/documents';
import type { Diagnostic, MonotonicClock, Result } from '@weft/core/kernel';
import { type Assembly, assemble, type MeshView, type Proxy, type WorkloadLiveness } from '@weft/core/mesh-view';
import type { PatchedConfig } from '@weft/core/proxy-config';
import { keyOf, type StoredObject } from '@weft/core/resources';
import { Compiler } from '@weft/compile/incremental';
import type { Store, StoreError, Watch } from '../store/index.ts';
import type { ConfigSource, ConfigSubscription } from '../xds/index.ts';
import { configChange } from './config-change.ts';
import { ObjectSet } from './object-set.ts';

/** ms of work at a stretch. */
const SLICE = 20;

export interface PlaneOptions {
  readonly store: Store;
  /** Readiness and drain by workload; `notify` of the plane is called when it changes. */
  readonly liveness: () => WorkloadLiveness;
  /** What objects name and others serve; absent: nothing is filled in. */
  readonly served?: readonly Served[];
  readonly clock: MonotonicClock;
  /** Runs its argument after what is ready now. */
  readonly defer: (run: () => void) => void;
}

/** Fills in what objects name and others serve, and is told which objects there are. */
export interface Served {
  follow(objects: Iterable<StoredObject>): void;
  filled(object: StoredObject): StoredObject;
}

interface Subscriber {
  readonly proxy: Proxy;
  readonly listener: (config: PatchedConfig) => void;
  config: PatchedConfig | undefined;
  diagnostics: readonly Diagnostic[];
}

export class Plane implements ConfigSource {
  readonly #options: PlaneOptions;
  readonly #objects = new ObjectSet();
  readonly #compilers = new Map<string, Compiler>();
  readonly #subscribers = new Set<Subscriber>();
  /** The same by the proxy's id: one that came back may still have its old stream here. */
  readonly #byId = new Map<string, readonly Subscriber[]>();
  readonly #assembled = new Set<(assembly: Assembly) => void>();
  #assembly: Assembly | undefined;
  #watch: Watch | undefined;
  #due = false;
  /** Whose configuration may be out of date. */
  readonly #dirty = new Set<Subscriber>();
  /** Meshes whose compilers may forget, once everybody was compiled. */
  readonly #swept = new Set<string>();
  #working = false;
  /** Called when every subscriber has been given what it was due. */
  #settled: (() => void)[] = [];

  constructor(options: PlaneOptions) {
    this.#options = options;
  }

  /** Reads the store and follows it. The store must have been started. */
  async start(): Promise<StoreError | undefined> {
    const { store } = this.#options;
    const listed = await store.list({});
    if (!listed.ok) return listed.error;
    for (const object of listed.value.items) this.#objects.set(keyOf(object), object);
    this.#recompute();
    const watched = store.watch(listed.value.revision, (entries) => {
      if (this.#objects.take(entries)) this.notify();
    });
    if (!watched.ok) return watched.error;
    this.#watch = watched.value;
    return undefined;
  }

  stop(): void {
    this.#watch?.close();
    this.#subscribers.clear();
    this.#byId.clear();
  }

  /** Objects or liveness changed: compile again, together with whatever else changes in this turn. */
  notify(): void {
    if (this.#due) return;
    this.#due = true;
    this.#options.defer(() => {
      if (this.#due) this.#recompute();
    });
  }

  /** Resolves when everything that is known now has been handed to the proxies' streams. */
  settled(): Promise<void> {
    if (!this.#due && this.#dirty.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#settled.push(resolve));
  }

  get objects(): ObjectSet {
    return this.#objects;
  }

  /** Of the last assembly; undefined before `start`. */
  get assembly(): Assembly | undefined {
    return this.#assembly;
  }

  onAssembled(listener: (assembly: Assembly) => void): void {
    this.#assembled.add(listener);
  }

  /** The mesh that a namespace is in. */
  meshOf(namespace: string): { readonly mesh: string; readonly trustDomain: string } | undefined {
    for (const [mesh, view] of this.#assembly?.views ?? []) {
      if (!view.namespace.has(namespace)) continue;
      const row = view.mesh.get('');
      return row === undefined ? undefined : { mesh, trustDomain: row.trustDomain };
    }
    return undefined;
  }

  /** Trust domains that workloads of this one meet, since a service is exported. */
  neighboursOf(trustDomain: string): readonly string[] {
    return this.#assembly?.neighbours.get(trustDomain) ?? [];
  }

  /** undefined before `start`, and when there is no such mesh. */
  trustDomainOf(mesh: string): string | undefined {
    return this.#assembly?.views.get(mesh)?.mesh.get('')?.trustDomain;
  }

  /** What a connected proxy was last told, and what compiling it found. */
  compiled(
    id: string,
  ): { readonly proxy: Proxy; readonly config: PatchedConfig; readonly diagnostics: readonly Diagnostic[] }[] {
    return (this.#byId.get(id) ?? []).flatMap(({ proxy, config, diagnostics }) =>
      config === undefined ? [] : [{ proxy, config, diagnostics }],
    );
  }

  /** What the change of that revision did to the configuration of a proxy that is connected; undefined: it is not. */
  changeOf(id: string, revision: number): Promise<Result<readonly RowChange[], StoreError>> | undefined {
    const { store, liveness } = this.#options;
    const [first] = this.#byId.get(id) ?? [];
    if (first === undefined) return undefined;
    return configChange({ store, liveness: liveness(), filled: (one) => this.#filled(one) }, first.proxy, revision);
  }

  /** Findings of compiling, by proxy. */
  findings(): readonly { readonly proxy: Proxy; readonly diagnostics: readonly Diagnostic[] }[] {
    return [...this.#subscribers].filter(({ diagnostics }) => diagnostics.length > 0);
  }

  subscribe(proxy: Proxy, listener: (config: PatchedConfig) => void): ConfigSubscription {
    const subscriber: Subscriber = { proxy, listener, config: undefined, diagnostics: [] };
    this.#subscribers.add(subscriber);
    this.#byId.set(proxy.id, [...(this.#byId.get(proxy.id) ?? []), subscriber]);
    this.#dirty.add(subscriber);
    this.#options.defer(() => this.#work());
    return { close: () => this.#left(subscriber) };
  }

  #left(subscriber: Subscriber): void {
    if (!this.#subscribers.delete(subscriber)) return;
    const { id } = subscriber.proxy;
    const others = (this.#byId.get(id) ?? []).filter((one) => one !== subscriber);
    if (others.length === 0) this.#byId.delete(id);
    else this.#byId.set(id, others);
  }

  #filled(object: StoredObject): StoredObject {
    return (this.#options.served ?? []).reduce((one, served) => served.filled(one), object);
  }

  #recompute(): void {
    this.#due = false;
    const before = this.#assembly;
    const { served } = this.#options;
    // Read twice: what is stored can be walked through once only.
    const stored = [...this.#objects.objects];
    for (const one of served ?? []) one.follow(stored);
    const objects = served === undefined ? stored : stored.map((object) => this.#filled(object));
    const assembly = assemble(objects, this.#options.liveness(), before);
    this.#assembly = assembly;
    const changed = new Set<string>();
    for (const [mesh, view] of assembly.views) {
      if (before?.views.get(mesh) === view) continue;
      changed.add(mesh);
      this.#compiler(mesh, view).update(view);
    }
    for (const mesh of before?.views.keys() ?? []) {
      if (assembly.views.has(mesh)) continue;
      this.#compilers.delete(mesh);
      changed.add(mesh);
    }
    for (const listener of this.#assembled) listener(assembly);
    for (const subscriber of this.#subscribers) if (changed.has(subscriber.proxy.mesh)) this.#dirty.add(subscriber);
    for (const mesh of changed) this.#swept.add(mesh);
    this.#work();
  }

  #compiler(mesh: string, view: MeshView): Compiler {
    let compiler = this.#compilers.get(mesh);
    if (compiler === undefined) {
      compiler = new Compiler();
      compiler.update(view);
      this.#compilers.set(mesh, compiler);
    }
    return compiler;
  }

  /** Compiles what is due, at most `SLICE` ms at a stretch. */
  #work(): void {
    if (this.#working) return;
    const { clock, defer } = this.#options;
    const end = clock.now() + SLICE;
    for (const subscriber of this.#dirty) {
      this.#dirty.delete(subscriber);
      if (this.#subscribers.has(subscriber)) this.#compile(subscriber);
      if (clock.now() < end || this.#dirty.size === 0) continue;
      this.#working = true;
      defer(() => {
        this.#working = false;
        this.#work();
      });
      return;
    }
    for (const mesh of this.#swept) this.#compilers.get(mesh)?.sweep();
    this.#swept.clear();
    if (this.#due) return;
    const told = this.#settled;
    this.#settled = [];
    for (const resolve of told) resolve();
  }

  #compile(subscriber: Subscriber): void {
    const compiled = this.#compilers.get(subscriber.proxy.mesh)?.compile(subscriber.proxy);
    if (compiled === undefined) return;
    subscriber.diagnostics = compiled.diagnostics;
    if (compiled.config === subscriber.config) return;
    subscriber.config = compiled.config;
    subscriber.listener(compiled.config);
  }
}

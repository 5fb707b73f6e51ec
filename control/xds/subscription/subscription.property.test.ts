/** Random histories against a model client: it converges, sees nothing dangling on the way, and gets nothing twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NameSets, RESOURCE_TYPES, type ResourceType, type Snapshot } from '../snapshot/index.ts';
import { Snapshots, type Mesh } from '../testing/mesh.ts';
import { ModelClient, Recall, type ModelOptions } from '../testing/model-client.ts';
import { Subscription } from './subscription.ts';
import type { Leftover } from './type-state.ts';

const SERVICES = ['a', 'b', 'c', 'd'].map((letter) => `outbound/shop/${letter}/80`);
/** Longer than any history: what waits is let go only when a history settles. */
const HOLD_MS = 1_000_000;
const PATIENCE_MS = 2000;

const some = (names: readonly string[]): fc.Arbitrary<string[]> => fc.subarray([...names], { minLength: 1 });

/** Every reference resolves; `bad` says how often a resource is one that the client refuses. */
const meshes = (bad: number): fc.Arbitrary<Mesh> => {
  const isBad = fc.integer({ min: 0, max: 99 }).map((roll) => roll < bad);
  return some(SERVICES).chain((names) =>
    fc.record({
      clusters: fc.tuple(
        ...names.map((name) =>
          fc.record({
            name: fc.constant(name),
            revision: fc.nat({ max: 2 }),
            endpoints: fc.nat({ max: 2 }),
            badCluster: isBad,
            badEndpoints: isBad,
          }),
        ),
      ),
      routes: fc.tuple(
        ...['r1', 'r2'].map((name) =>
          fc.record({ name: fc.constant(name), revision: fc.nat({ max: 2 }), clusters: some(names), bad: isBad }),
        ),
      ),
      listeners: fc.subarray(['l1', 'l2', 'l3']).chain((listeners) =>
        fc.tuple(
          ...listeners.map((name) =>
            fc.record({
              name: fc.constant(name),
              revision: fc.nat({ max: 1 }),
              routes: fc.subarray(['r1', 'r2'], { maxLength: 1 }),
              clusters: fc.subarray([...names], { maxLength: 1 }),
              bad: isBad,
            }),
          ),
        ),
      ),
    }),
  );
};

type Step =
  | { readonly kind: 'change'; readonly mesh: Mesh }
  | { readonly kind: 'to client' | 'to server' | 'reconnect' | 'restart' | 'time' };

const steps = (bad: number, restarts: boolean, slow = false): fc.Arbitrary<Step[]> => {
  const change = meshes(bad).map((mesh): Step => ({ kind: 'change', mesh }));
  const plain = (kind: 'to client' | 'to server' | 'reconnect' | 'restart' | 'time'): fc.Arbitrary<Step> =>
    fc.constant({ kind });
  return fc.array(
    fc.oneof(
      { weight: 3, arbitrary: change },
      { weight: 8, arbitrary: plain('to client') },
      { weight: 8, arbitrary: plain('to server') },
      { weight: 1, arbitrary: plain('reconnect') },
      { weight: slow ? 2 : 0, arbitrary: plain('time') },
      { weight: restarts ? 1 : 0, arbitrary: plain('restart') },
    ),
    { maxLength: 80, size: 'max' },
  );
};

/** Client, stream and server; messages move one at a time, when told. */
class World {
  readonly client: ModelClient;
  readonly #options: ModelOptions;
  readonly #snapshots = new Snapshots();
  readonly #nameSets = new NameSets();
  #recall = new Recall();
  #snapshot: Snapshot;
  #now = 0;
  #server: Subscription | undefined;
  readonly #leftovers = new Map<ResourceType, Leftover>();
  #toClient: (() => void)[] = [];
  /** `type name` of all that the server ever took to be at fault: with a client that names nothing, more than was. */
  readonly #suspected = new Set<string>();
  /** The server restarted: in state of the world it cannot know what the client holds. */
  restarted = false;
  #returned = false;
  /** A stream ended with messages under way. */
  cutOff = false;
  /** Once everything under way had arrived, nothing waited for its time to pass. */
  restsUnheld = false;

  constructor(options: ModelOptions, mesh: Mesh) {
    this.#options = options;
    this.client = new ModelClient(options);
    this.#snapshot = this.#snapshots.of(mesh);
    this.#server = this.#open();
  }

  #open(): Subscription {
    for (const type of RESOURCE_TYPES) {
      const leftover = this.#server?.leftover(type);
      if (leftover !== undefined) this.#leftovers.set(type, leftover);
    }
    this.#toClient = [];
    this.client.connect();
    const server = new Subscription({
      protocol: this.#options.protocol,
      clock: { now: () => this.#now },
      nameSets: this.#nameSets,
      rewarmsClusters: false,
      holdMs: HOLD_MS,
      patienceMs: PATIENCE_MS,
      recall: (type, version) => this.#recall.find(type, version),
      leftover: (type) => this.#leftovers.get(type),
    });
    server.update(this.#snapshot);
    return server;
  }

  step(step: Step): void {
    if (step.kind === 'change') {
      this.#snapshot = this.#snapshots.of(step.mesh);
      this.#server?.update(this.#snapshot);
    } else if (step.kind === 'to client') this.#toClient.shift()?.();
    else if (step.kind === 'to server') {
      if (this.#server !== undefined) this.client.outbox.shift()?.(this.#server);
    } else if (step.kind === 'time') this.#now += PATIENCE_MS;
    else {
      if (!this.#isQuiet) {
        // What version a client of state of the world states is then not what it holds; only one that was at rest is known to us.
        if (step.kind === 'restart' && this.#options.protocol === 'state-of-the-world') return;
        this.cutOff = true;
      }
      if (step.kind === 'restart') {
        this.#recall = new Recall();
        this.#server = undefined;
        this.#leftovers.clear();
        this.restarted = true;
      }
      this.#returned = true;
      this.#server = this.#open();
    }
    this.#flush();
  }

  /** Everything under way arrives, and whatever waits is let go; fails when the two never come to rest. */
  settle(): void {
    for (let round = 0, messages = 0; round < 4; round++) {
      while (this.#toClient.length + this.client.outbox.length > 0) {
        assert.ok(++messages < 400, 'client and server talk for ever');
        this.step({ kind: this.#toClient.length > 0 ? 'to client' : 'to server' });
      }
      if (round === 0) this.restsUnheld = this.settled;
      this.#now += HOLD_MS + 1;
      this.#flush();
    }
  }

  status(): ReturnType<Subscription['status']> {
    return this.#server?.status() ?? [];
  }

  get settled(): boolean {
    return this.#server?.settled === true;
  }

  get #isQuiet(): boolean {
    return this.settled && this.#toClient.length + this.client.outbox.length === 0;
  }

  wanted(type: ResourceType): ReadonlyMap<string, string> {
    return new Map([...this.#snapshot.tables[type].resources].map(([name, { version }]) => [name, version]));
  }

  #flush(): void {
    const inFlight = new Set<ResourceType>();
    for (const { type, rejections } of this.status()) {
      for (const { name } of rejections) this.#suspected.add(`${type} ${name}`);
    }
    for (let push = this.#server?.next(); push !== undefined; push = this.#server?.next()) {
      assert.ok(!inFlight.has(push.type), `two pushes of ${push.type} at once`);
      inFlight.add(push.type);
      this.#recall.add(push);
      const sent = push;
      this.#toClient.push(() => {
        this.client.receive(sent);
        this.checkReferences();
      });
    }
  }

  /**
   * Nothing that serves refers to a cluster that is not there, unless the client itself refused the cluster, or refused the wanted version and
   * went with answers under way: it may have lost the last good one, which then comes again, and is better than none.
   */
  checkReferences(): void {
    if (this.restarted && this.#options.protocol === 'state-of-the-world') return;
    const clusters = this.client.held('clusters');
    const endpoints = this.client.held('endpoints');
    for (const type of ['listeners', 'routes'] as const) {
      for (const { description } of this.client.held(type).values()) {
        for (const name of description.references.clusters ?? []) {
          if (!clusters.has(name))
            assert.ok(
              this.#suspected.has(`clusters ${name}`) ||
                (this.cutOff && !this.wanted('clusters').has(name) && this.#isRejected(type, description.name)),
              `${type} ${description.name}: no cluster ${name}`,
            );
          else if (!endpoints.has(name))
            assert.ok(
              this.#suspected.has(`endpoints ${name}`) || this.#suspected.has(`clusters ${name}`),
              `${type} ${description.name}: no endpoints for ${name}`,
            );
        }
      }
    }
  }

  #isRejected(type: ResourceType, resource: string): boolean {
    return this.status().some((each) => each.type === type && each.rejections.some(({ name }) => name === resource));
  }

  /** The client holds what it should; what it refused is as it was before, and the server says so. */
  checkConverged(): void {
    assert.ok(this.settled, 'something still waits');
    for (const type of RESOURCE_TYPES) {
      const rejected = new Set(
        this.status()
          .find((each) => each.type === type)
          ?.rejections.map(({ name }) => name),
      );
      const held = this.client.held(type);
      const wanted = this.wanted(type);
      const asked = new Set(
        type === 'endpoints'
          ? this.client.held('clusters').keys()
          : type === 'routes'
            ? [...this.client.held('listeners').values()].flatMap(
                ({ description }) => description.references.routes ?? [],
              )
            : wanted.keys(),
      );
      for (const [name, version] of wanted) {
        if (asked.has(name) && !rejected.has(name)) assert.equal(held.get(name)?.version, version, `${type} ${name}`);
      }
      for (const [name, { description }] of held) {
        assert.ok(
          wanted.has(name) || type === 'endpoints' || type === 'routes' || this.#mayLinger(type, name),
          `${type} ${name} stayed`,
        );
        assert.ok(!description.bad, `${type} ${name} is bad`);
      }
    }
  }

  /**
   * A removed cluster stays while a listener or route table at its last good version refers to it. Which version that is, a client that
   * names no fault, or went with answers under way, leaves open; and of one that came back the server knows versions, not contents, in delta.
   */
  #mayLinger(type: ResourceType, name: string): boolean {
    const lastGood = this.status().some((each) => each.type !== 'clusters' && each.rejections.length > 0);
    const unclear = !this.#options.namesFaults || this.cutOff || (this.#options.protocol === 'delta' && this.#returned);
    if (type === 'clusters' && unclear && lastGood) return true;
    return (
      type === 'clusters' &&
      (['listeners', 'routes'] as const).some((referrer) =>
        [...this.client.held(referrer).values()].some(({ description }) =>
          (description.references.clusters ?? []).includes(name),
        ),
      )
    );
  }
}

const PROTOCOLS = ['state-of-the-world', 'delta'] as const;

for (const protocol of PROTOCOLS) {
  test(`${protocol}: a client converges, nothing dangles, nothing comes twice`, () => {
    fc.assert(
      fc.property(meshes(0), steps(0, false), (mesh, history) => {
        const world = new World({ protocol, faulty: 'right ones', namesFaults: true }, mesh);
        for (const step of history) world.step(step);
        world.settle();
        world.checkConverged();
        if (!world.cutOff) assert.deepEqual(world.client.repeated, []);
        assert.equal(world.client.refusals, 0);
        assert.ok(world.restsUnheld, 'something waited until its time was over');
      }),
      { numRuns: 200 },
    );
  });

  test(`${protocol}: with refusals the rest converges and nothing dangles`, () => {
    const options = fc.record({
      protocol: fc.constant(protocol),
      faulty: fc.constantFrom<ModelOptions['faulty']>('right ones', 'until the first wrong one', 'nothing'),
      namesFaults: fc.boolean(),
    });
    fc.assert(
      fc.property(options, meshes(12), steps(12, false), (model, mesh, history) => {
        const world = new World(model, mesh);
        for (const step of history) world.step(step);
        world.settle();
        world.checkConverged();
      }),
      { numRuns: 200 },
    );
  });

  test(`${protocol}: a client that is slow to answer is told of what is newer`, () => {
    fc.assert(
      fc.property(meshes(8), steps(8, false, true), (mesh, history) => {
        const world = new World({ protocol, faulty: 'right ones', namesFaults: true }, mesh);
        for (const step of history) world.step(step);
        world.settle();
        world.checkConverged();
      }),
      { numRuns: 200 },
    );
  });

  test(`${protocol}: restarts of the server in between`, () => {
    fc.assert(
      fc.property(meshes(0), steps(0, true), (mesh, history) => {
        const world = new World({ protocol, faulty: 'right ones', namesFaults: true }, mesh);
        for (const step of history) world.step(step);
        world.settle();
        world.checkConverged();
        if (protocol === 'delta' && !world.cutOff) assert.deepEqual(world.client.repeated, []);
      }),
      { numRuns: 200 },
    );
  });
}

/** A mesh of one route table `r2` that refers to `clusters`, and of one listener that refers to it, if any; `bad`: the table is refused. */
const small = (clusters: readonly string[], routed: readonly string[], listener?: string, bad = false): Step => ({
  kind: 'change',
  mesh: {
    clusters: clusters.map((name) => ({ name, revision: 0, endpoints: 0, badCluster: false, badEndpoints: false })),
    routes: [{ name: 'r2', revision: 0, clusters: routed, bad }],
    listeners:
      listener === undefined ? [] : [{ name: listener, revision: 0, routes: ['r2'], clusters: [], bad: false }],
  },
});
const STEPS: Readonly<Record<string, Step>> = {
  c: { kind: 'to client' },
  s: { kind: 'to server' },
  t: { kind: 'time' },
  r: { kind: 'reconnect' },
};
const moves = (letters: string): Step[] => letters.split('').flatMap((letter) => STEPS[letter] ?? []);
const [A = '', , C = ''] = SERVICES;

/** What histories like those above found, made as small as they could be. */
const HISTORIES: readonly (readonly [string, readonly Step[]])[] = [
  [
    'lost with the stream, and its last good version refers to a cluster that goes',
    [
      small([A], [A], 'l1'),
      ...moves('sscsscscss'),
      { kind: 'change', mesh: { clusters: [], routes: [], listeners: [] } },
      ...moves('ccss'),
      small([], [], 'l3', true),
      ...moves('cr'),
    ],
  ],
  [
    'lost with the stream, and so was the cluster that it refers to',
    [
      small([C], [], 'l3'),
      ...moves('ss'),
      small([C], [C]),
      ...moves('csscsscscc'),
      small([A], [A], 'l2'),
      ...moves('tsccsscr'),
    ],
  ],
];
for (const [name, history] of HISTORIES) {
  test(`state-of-the-world: a route table ${name}`, () => {
    const world = new World(
      { protocol: 'state-of-the-world', faulty: 'right ones', namesFaults: true },
      { clusters: [], routes: [], listeners: [] },
    );
    for (const step of history) world.step(step);
    world.settle();
    world.checkConverged();
  });
}

/** What changes under the soak's load, each kind at its own pace. The control plane is killed in the first half only: then its growth can be judged. */
import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { CONTROL_PLANE, type Fleet } from './fleet.ts';
import type { Journal } from './journal.ts';
import { policy, route } from './objects.ts';

interface Pace {
  /** s from the end of one to the begin of the next. */
  readonly every: number;
  readonly step: () => Promise<void>;
}

/** What a client's proxy carries. */
interface Load {
  pause(): Promise<void>;
  resume(): void;
}

export interface ChurnOptions {
  readonly fleet: Fleet;
  readonly journal: Journal;
  /** Roles of instances that come and go. */
  readonly flapping: readonly string[];
  /** The client whose proxy is restarted; its load pauses meanwhile. */
  readonly restarted: { readonly role: string; readonly loads: readonly Load[] };
  /** s. */
  readonly duration: number;
}

export class Churn {
  readonly #options: ChurnOptions;
  #weight = 50;
  #extra = false;
  #policies = new Set<string>();
  #flaps = 0;
  #over = false;
  /** Objects are applied one after the other, and not while the control plane is away. */
  #turn: Promise<void> = Promise.resolve();
  #loops: Promise<void>[] = [];

  constructor(options: ChurnOptions) {
    this.#options = options;
  }

  start(): void {
    const paces: Pace[] = [
      { every: 4, step: () => this.#weights() },
      { every: 7, step: () => this.#rules() },
      { every: 9, step: () => this.#policy('hello') },
      { every: 13, step: () => this.#policy('streams') },
      { every: 8, step: () => this.#flap() },
      { every: 25, step: () => this.#restart() },
      { every: 40, step: () => this.#kill() },
    ];
    this.#loops = paces.map((pace) => this.#loop(pace));
  }

  /** Resolves when the last steps have ended. */
  async stop(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#loops);
  }

  async #loop({ every, step }: Pace): Promise<void> {
    for (;;) {
      for (let waited = 0; waited < every * 1000 && !this.#over; waited += 100) await pause(100);
      if (this.#over) return;
      await step();
    }
  }

  /** Runs `step` alone. */
  async #alone(step: () => Promise<void>): Promise<void> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    await step().finally(resolve);
  }

  #weights(): Promise<void> {
    return this.#alone(() => {
      this.#weight = randomInt(0, 5) * 25;
      return this.#route('weights', `weights ${this.#weight}/${100 - this.#weight}`);
    });
  }

  #rules(): Promise<void> {
    return this.#alone(() => {
      this.#extra = !this.#extra;
      return this.#route('rules', this.#extra ? 'two rules come' : 'two rules go');
    });
  }

  #route(kind: string, text: string): Promise<void> {
    const { fleet, journal } = this.#options;
    return journal.during(kind, text, () => fleet.apply(route(this.#weight, this.#extra)));
  }

  #policy(target: string): Promise<void> {
    const { fleet, journal } = this.#options;
    return this.#alone(() => {
      const goes = this.#policies.delete(target);
      if (!goes) this.#policies.add(target);
      return journal.during('policies', `policy about ${target} ${goes ? 'goes' : 'comes'}`, async () => {
        if (!goes) return fleet.apply(policy(target));
        const { code, stderr } = await fleet.weft('delete', 'accesspolicy', `nobody-${target}`);
        if (code !== 0) throw new Error(stderr);
      });
    });
  }

  async #flap(): Promise<void> {
    const { fleet, journal, flapping } = this.#options;
    const role = flapping[(this.#flaps += 1) % flapping.length];
    if (role === undefined) return;
    await journal.during('instance stops', `${role} stops`, () => fleet.stop(role));
    await pause(randomInt(200, 3000));
    await journal.during('instance starts', `${role} starts`, () => fleet.again(role));
  }

  async #restart(): Promise<void> {
    const { fleet, journal, restarted } = this.#options;
    await journal.during('client restarts', `${restarted.role} restarts`, async () => {
      await Promise.all(restarted.loads.map((load) => load.pause()));
      await fleet.stop(restarted.role);
      await fleet.again(restarted.role);
      for (const load of restarted.loads) load.resume();
    });
  }

  async #kill(): Promise<void> {
    const { fleet, journal, duration } = this.#options;
    if (journal.now() > duration / 2) return;
    await this.#alone(() =>
      journal.during('control plane killed', 'kill -9 of the control plane', async () => {
        await fleet.kill(CONTROL_PLANE);
        await pause(randomInt(200, 6000));
        await fleet.up();
      }),
    );
  }
}

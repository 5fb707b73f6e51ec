/**
 * The listeners at work and their sockets. A changed listener keeps sockets whose address stays and chains that stay; what was replaced or removed
 * drains. One listener that cannot bind or build leaves the others, and its own last version, at work.
 */
import type { Listener, ProxyConfig, SocketAddress } from '@weft/core/proxy-config';
import {
  addressKey,
  type ChainRuntime,
  datagramKey,
  DatagramSocket,
  InternalSocket,
  ListenerRuntime,
  type ListenerSetting,
  ListeningSocket,
  type PassedSocket,
  passKey,
  statLabel,
} from '../listen/index.ts';
import { MissingSecret } from '../transport/index.ts';
import type { ApplyFault } from './options.ts';
import { same } from './same.ts';
import { listenerRemarks } from './unsupported.ts';

type BoundSocket = ListeningSocket | DatagramSocket | InternalSocket;

export interface LiveListener {
  runtime: ListenerRuntime;
  sockets: readonly BoundSocket[];
}

/** A machine without IPv6 still serves a listener whose further address is the IPv6 loopback. */
const NO_SUCH_FAMILY: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);

interface Draining {
  readonly chains: readonly ChainRuntime[];
  readonly until: number;
  readonly done: () => void;
}

export interface ListenerOutcome {
  readonly faults: ApplyFault[];
  readonly warnings: ApplyFault[];
  readonly waiting: { readonly listener: string; readonly secret: string }[];
}

export class Listeners {
  readonly #setting: ListenerSetting;
  readonly #drainTime: number;
  readonly #live = new Map<string, LiveListener>();
  readonly #draining = new Set<Draining>();
  /** The whole engine drains: no listener opens any more. */
  #closed = false;

  constructor(setting: ListenerSetting, drainTime: number) {
    this.#setting = setting;
    this.#drainTime = drainTime;
  }

  get live(): ReadonlyMap<string, LiveListener> {
    return this.#live;
  }

  /** Every chain with connections, those that drain included. */
  *chains(): Generator<ChainRuntime> {
    for (const { runtime } of this.#live.values()) yield* runtime.chains;
    for (const { chains } of this.#draining) yield* chains;
  }

  async apply(config: ProxyConfig, outcome: ListenerOutcome): Promise<void> {
    const changed: ListenerRuntime[] = [];
    for (const row of config.listeners.values()) {
      const old = this.#live.get(row.name);
      if (this.#closed || old?.runtime.draining === true) continue;
      if (old !== undefined && same(old.runtime.row, row)) continue;
      const made = this.#build(row, old?.runtime, outcome);
      if (made !== undefined) changed.push(made);
    }
    const free = this.#release(config);
    for (const runtime of changed) await this.#open(runtime, free, outcome);
    for (const socket of free.values()) socket.close();
  }

  /**
   * Stops accepting and asks connections to end, for listeners of that direction, all without one. They do not open again. `passedOn`: another process
   * accepts on the same sockets.
   */
  drain(direction: Listener['direction'] | undefined, passedOn: boolean): void {
    if (direction === undefined) this.#closed = true;
    for (const { runtime, sockets } of this.#live.values()) {
      if (direction !== undefined && runtime.row.direction !== direction) continue;
      runtime.draining = true;
      for (const socket of sockets) socket.retire(passedOn);
      runtime.udp?.drain();
      for (const chain of runtime.chains) {
        chain.drainState.draining = true;
        chain.terminal.ask();
      }
    }
  }

  /** Every open socket, for another process to accept on; Node's own record of a socket without a descriptor is passed over. */
  passable(engine: number): PassedSocket[] {
    const passed: PassedSocket[] = [];
    for (const { runtime, sockets } of this.#live.values()) {
      const { name, address, additionalAddresses, udp } = runtime.row;
      const wanted = [address, ...additionalAddresses];
      for (const { address: bound, descriptor, port } of sockets) {
        if (descriptor === undefined) continue;
        const key = passKey(bound, udp !== undefined, name, wanted.indexOf(bound));
        passed.push({ engine, key, port, descriptor });
      }
    }
    return passed;
  }

  destroy(): void {
    for (const { runtime, sockets } of this.#live.values()) {
      for (const socket of sockets) socket.close();
      runtime.destroy();
    }
    for (const { chains } of this.#draining) for (const chain of chains) chain.terminal.destroy();
    this.#draining.clear();
    this.#live.clear();
  }

  refreshSecret(name: string): void {
    const { log, counters } = this.#setting.parts.runtime;
    for (const { runtime } of this.#live.values()) {
      for (const { tls } of runtime.chains) {
        if (tls === undefined || !tls.uses(name)) continue;
        try {
          tls.refresh();
          counters.counter('tls_context_updated').add(1);
        } catch (error) {
          counters.counter('tls_context_update_failed').add(1);
          const detail = error instanceof Error ? error.message : String(error);
          log.write('tls', 'error', 'new secret refused, the old one stays', {
            listener: runtime.row.name,
            secret: name,
            detail,
          });
        }
      }
    }
  }

  #build(row: Listener, old: ListenerRuntime | undefined, outcome: ListenerOutcome): ListenerRuntime | undefined {
    const { faults, warnings } = listenerRemarks(row, this.#setting.originalDestination !== undefined);
    for (const message of warnings) outcome.warnings.push({ table: 'listeners', name: row.name, message });
    for (const message of faults) outcome.faults.push({ table: 'listeners', name: row.name, message });
    if (faults.length > 0) return undefined;
    try {
      return new ListenerRuntime(row, this.#setting, old, same);
    } catch (error) {
      if (error instanceof MissingSecret) outcome.waiting.push({ listener: row.name, secret: error.secret });
      else
        outcome.faults.push({
          table: 'listeners',
          name: row.name,
          message: error instanceof Error ? error.message : String(error),
        });
      return undefined;
    }
  }

  /** Ends listeners that are gone; their sockets may be taken over by address. */
  #release(config: ProxyConfig): Map<string, BoundSocket> {
    const free = new Map<string, BoundSocket>();
    for (const [name, { runtime, sockets }] of this.#live) {
      if (config.listeners.has(name)) continue;
      this.#live.delete(name);
      for (const socket of sockets) free.set(socket.key, socket);
      runtime.draining = true;
      runtime.udp?.destroy();
      if (runtime.udp !== undefined) this.#forget(runtime);
      this.#drainChains(runtime.chains, () => this.#forget(runtime));
    }
    return free;
  }

  async #open(runtime: ListenerRuntime, free: Map<string, BoundSocket>, outcome: ListenerOutcome): Promise<void> {
    const { row } = runtime;
    const old = this.#live.get(row.name);
    const mine = new Map(
      (old?.sockets ?? []).map((socket) => [wantedKey(socket.address, socket instanceof DatagramSocket), socket]),
    );
    const sockets: BoundSocket[] = [];
    const fresh: BoundSocket[] = [];
    const udp = row.udp !== undefined;
    for (const [index, address] of [row.address, ...row.additionalAddresses].entries()) {
      const key = wantedKey(address, udp);
      const kept = mine.get(key) ?? free.get(key);
      if (kept !== undefined) {
        sockets.push(kept);
        continue;
      }
      const { sharedBinding, inheritance } = this.#setting;
      const socket = this.#socketFor(address, row, sharedBinding);
      const passed = inheritance?.take(passKey(address, udp, row.name, index));
      if (passed !== undefined && inheritance !== undefined && !(socket instanceof InternalSocket)) {
        socket.adopt(passed, inheritance);
        fresh.push(socket);
        sockets.push(socket);
        continue;
      }
      let bound = await socket.bind();
      if (!bound.ok && bound.code === 'EADDRINUSE' && free.size > 0) {
        for (const [name, unused] of free) {
          unused.close();
          free.delete(name);
        }
        bound = await socket.bind();
      }
      if (!bound.ok && address !== row.address && NO_SUCH_FAMILY.has(bound.code)) {
        outcome.warnings.push({
          table: 'listeners',
          name: row.name,
          message: `listener ${row.name}: ${bound.message}`,
        });
        continue;
      }
      if (!bound.ok) {
        for (const opened of fresh) opened.close();
        outcome.faults.push({ table: 'listeners', name: row.name, message: `listener ${row.name}: ${bound.message}` });
        return;
      }
      fresh.push(socket);
      sockets.push(socket);
    }
    runtime.begin();
    for (const socket of sockets) {
      socket.owner = runtime;
      free.delete(socket.key);
    }
    for (const socket of mine.values()) if (!sockets.includes(socket)) socket.close();
    this.#live.set(row.name, { runtime, sockets });
    if (old?.runtime.udp !== runtime.udp) old?.runtime.udp?.destroy();
    if (old !== undefined) this.#drainChains(old.runtime.chains.filter((chain) => !runtime.chains.includes(chain)));
  }

  #socketFor(address: SocketAddress, row: Listener, shared: ListenerSetting['sharedBinding']): BoundSocket {
    if (row.udp !== undefined) return new DatagramSocket(address, shared);
    return address.kind === 'internal'
      ? new InternalSocket(address, this.#setting.internal)
      : new ListeningSocket(address, row, shared);
  }

  #drainChains(chains: readonly ChainRuntime[], done: () => void = nothing): void {
    if (chains.length === 0) return;
    const { clock } = this.#setting.parts.runtime;
    const entry = { chains, until: clock.now() + this.#drainTime, done };
    this.#draining.add(entry);
    for (const chain of chains) chain.drainState.draining = true;
    this.#watch(entry);
  }

  /** Forgets a drained set when its last connection closed, cuts it when its time is over. */
  #watch(entry: Draining): void {
    const { clock } = this.#setting.parts.runtime;
    clock.after(Math.min(1000, this.#drainTime), () => {
      if (!this.#draining.has(entry)) return;
      const open = entry.chains.some(({ terminal }) => terminal.openConnections > 0);
      if (open && clock.now() < entry.until) {
        this.#watch(entry);
        return;
      }
      for (const { terminal } of entry.chains) terminal.destroy();
      this.#draining.delete(entry);
      entry.done();
    });
  }

  /** Its numbers end with it, unless another listener counts on under the same address. */
  #forget(runtime: ListenerRuntime): void {
    const label = statLabel(runtime.row);
    const shared = [...this.#live.values()].some((live) => statLabel(live.runtime.row) === label);
    if (!shared) runtime.stats.scope.close();
  }
}

/** As the configuration says it, which may be port 0. */
const wantedKey = (address: SocketAddress, udp: boolean): string =>
  udp ? datagramKey(address, address.kind === 'ip' ? address.port : 0) : addressKey(address);

const nothing = (): void => undefined;

/**
 * The agent's end of Observe: each interval what the proxy counted goes up, one message at a time; a message that was not taken when its stream
 * ended is sent again on the next one with its number, so that it counts once. Taps go up beside it and are dropped, and counted, whenever the
 * stream does not keep up. Nothing here holds up a request.
 */
import { LIMITS, type ObserveDown, type ObserveUp, observeUpJson, readObserveDown } from '@weft/core/agent-api';
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import type { TapRecord } from '@weft/core/tap';
import { type Edge, type EdgeAmounts, edgeAmounts, edgeKey } from '@weft/core/traffic';
import type { TraceSpan } from '@weft/core/traces';
import { BackOff, RECONNECT, REFUSED } from '../back-off/index.ts';
import type { CallError, UplinkHandlers, UplinkStream } from '../control-plane/index.ts';
import { PendingCounts } from './pending.ts';
import type { ObservedProxy } from './proxy.ts';
import { Taps } from './taps.ts';

export interface ObserveOptions {
  readonly clock: MonotonicClock;
  readonly roll: () => number;
  /** Hexadecimal digits that no other life of this agent had. */
  readonly epoch: string;
  readonly proxy: ObservedProxy;
  readonly hello: () => {
    readonly namespace: string;
    readonly name: string;
    readonly app: string;
    readonly version: string;
  };
  /** Whether a stream would be accepted now: the lease is held. */
  readonly up: () => boolean;
  readonly open: (handlers: UplinkHandlers) => UplinkStream;
}

/** ms between looks at what was counted while nobody asked for another pace. */
const INTERVAL = 1000;
/** ms that the last counts get at the end. */
const PATIENCE = 500;
/** Characters of one message of counts, roughly; LIMITS.messageBytes is twice that. */
const MESSAGE_TEXT = 128 * 1024;

export class ObserveUplink {
  readonly #options: ObserveOptions;
  readonly #pending = new PendingCounts();
  readonly #taps: Taps;
  readonly #backOff: BackOff;
  readonly #refusedBackOff: BackOff;
  #stream: UplinkStream | undefined;
  #welcome = false;
  /** Numbers of edges on the stream that is open. */
  #ids = new Map<string, number>();
  #sequence = 0;
  #underWay: { readonly sequence: number; readonly rows: readonly EdgeAmounts[] } | undefined;
  #interval = INTERVAL;
  #tick: Timer | undefined;
  #retry: Timer | undefined;
  #finished: (() => void) | undefined;
  #stopped = false;

  constructor(options: ObserveOptions) {
    this.#options = options;
    this.#backOff = new BackOff(RECONNECT, options.roll);
    this.#refusedBackOff = new BackOff(REFUSED, options.roll);
    this.#taps = new Taps(options.proxy, options.clock, (tap, records, missed) => this.#tapped(tap, records, missed));
  }

  /** Counts begin to be gathered; `cameUp` opens the stream. */
  start(): void {
    this.#arm();
    if (this.#options.up()) this.cameUp();
  }

  /** The lease is held: now a stream would be accepted. */
  cameUp(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
    if (this.#stream === undefined && !this.#stopped) this.#connect();
  }

  /** What was counted last goes up; then, or after `patience` ms, it ends. */
  async stop(patience = PATIENCE): Promise<void> {
    if (this.#stopped || this.#finished !== undefined) return;
    this.#tick?.cancel();
    this.#taps.stop();
    this.#gather();
    if (this.#welcome && (this.#pending.size > 0 || this.#underWay !== undefined)) {
      await new Promise<void>((resolve) => {
        const timer = this.#options.clock.after(patience, resolve);
        this.#finished = () => {
          timer.cancel();
          resolve();
        };
        this.#send();
      });
    }
    this.#stopped = true;
    this.#retry?.cancel();
    this.#stream?.close();
    this.#stream = undefined;
  }

  #arm(): void {
    this.#tick = this.#options.clock.after(this.#interval, () => {
      this.#arm();
      this.#gather();
      this.#send();
    });
  }

  #gather(): void {
    this.#pending.add(edgeAmounts(this.#options.proxy.take()));
  }

  #connect(): void {
    this.#ids = new Map();
    this.#welcome = false;
    this.#stream = this.#options.open({
      onMessage: (bytes) => this.#receive(bytes),
      onEnd: (error) => this.#ended(error),
    });
    this.#say({ type: 'hello', ...this.#options.hello(), epoch: this.#options.epoch });
  }

  #receive(bytes: Buffer): void {
    const message = parse(bytes);
    switch (message?.type) {
      case undefined:
        this.#stream?.close();
        this.#ended({ kind: 'malformed', message: 'unreadable message' });
        return;
      case 'welcome':
        this.#welcome = true;
        this.#interval = message.interval;
        this.#backOff.reset();
        this.#refusedBackOff.reset();
        if (this.#underWay !== undefined) this.#write(this.#underWay.sequence, this.#underWay.rows);
        else this.#send();
        return;
      case 'taken':
        if (this.#underWay?.sequence !== message.sequence) return;
        this.#underWay = undefined;
        // A burst of many edges goes on at once; the rest waits for its time.
        if (this.#pending.size > LIMITS.edges || this.#finished !== undefined) this.#send();
        if (this.#underWay === undefined) this.#finished?.();
        return;
      case 'tap':
        this.#taps.begin(message.tap, message.request);
        return;
      case 'untap':
        this.#taps.end(message.tap);
        return;
      default:
        message satisfies never;
    }
  }

  #send(): void {
    if (!this.#welcome || this.#underWay !== undefined || this.#pending.size === 0) return;
    const rows = this.#pending.take(LIMITS.edges, MESSAGE_TEXT);
    this.#sequence += 1;
    this.#write(this.#sequence, rows);
  }

  #write(sequence: number, rows: readonly EdgeAmounts[]): void {
    if (this.#ids.size > LIMITS.edgeIds - LIMITS.edges) {
      // This stream has used up its numbers: another one begins anew.
      this.#underWay = { sequence, rows };
      this.#stream?.close();
      this.#connect();
      return;
    }
    const edges: { id: number; edge: Edge }[] = [];
    const numbered = rows.map(({ edge, ...counted }) => {
      const key = edgeKey(edge);
      let id = this.#ids.get(key);
      if (id === undefined) {
        id = this.#ids.size;
        this.#ids.set(key, id);
        edges.push({ id, edge });
      }
      return { id, ...counted };
    });
    this.#underWay = { sequence, rows };
    this.#say({ type: 'counts', sequence, edges, rows: numbered });
  }

  /** False: not now. */
  spans(spans: readonly TraceSpan[], missed: number): boolean {
    if (!this.#welcome || this.#stream === undefined || this.#stream.blocked) return false;
    this.#say({ type: 'spans', spans, missed });
    return true;
  }

  #tapped(tap: number, records: readonly TapRecord[], missed: number): boolean {
    if (!this.#welcome || this.#stream === undefined || this.#stream.blocked) return false;
    this.#say({ type: 'tapped', tap, records, missed });
    return true;
  }

  #ended(error: CallError): void {
    this.#stream = undefined;
    this.#welcome = false;
    this.#taps.stop();
    this.#finished?.();
    // A message that was refused once will be refused again.
    if (error.kind === 'malformed') this.#underWay = undefined;
    if (this.#stopped) return;
    const backOff = error.kind === 'unreachable' || error.kind === 'try-later' ? this.#backOff : this.#refusedBackOff;
    this.#retry = this.#options.clock.after(backOff.next(), () => {
      this.#retry = undefined;
      // While the lease is lost `cameUp` says when to go on.
      if (this.#options.up()) this.#connect();
    });
  }

  #say(message: ObserveUp): void {
    this.#stream?.send(Buffer.from(JSON.stringify(observeUpJson(message))));
  }
}

function parse(bytes: Buffer): ObserveDown | undefined {
  try {
    const read = readObserveDown(JSON.parse(bytes.toString('utf8')));
    return read.ok ? read.value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The workload's lease: an Attach stream that comes back by itself. A state machine over a transport that its owner opens: what is to be
 * said on the next stream (name, readiness, bundle in use) is kept here, so that a reconnect says it all again in its hello.
 */
import {
  type AttachDown,
  type AttachUp,
  type GatewayMaterial,
  attachUpJson,
  type Hello,
  type OpenPort,
  readAttachDown,
  type TrustBundleMessage,
} from '@weft/core/agent-api';
import { formatDiagnostic, type MonotonicClock, type Timer } from '@weft/core/kernel';
import { BackOff, RECONNECT, REFUSED } from '../back-off/index.ts';
import type { CallError, UplinkHandlers, UplinkStream } from '../control-plane/index.ts';

export type HelloFacts = Omit<Hello, 'type' | 'instance' | 'bundle' | 'certificateEnds' | 'readiness'>;

export interface AttachOptions {
  readonly clock: MonotonicClock;
  readonly roll: () => number;
  readonly facts: HelloFacts;
  /** The name from an earlier life of this agent. */
  readonly instance?: string | undefined;
  /** When the certificate in use ends, ms since the epoch. */
  readonly certificateEnds?: () => number | undefined;
  /** Called before each attempt; resolves to an error when the stream need not be tried. */
  readonly prepare: () => Promise<CallError | undefined>;
  readonly open: (handlers: UplinkHandlers) => UplinkStream;
  readonly events: AttachEvents;
}

export interface AttachEvents {
  /** The lease is held: now, and after every reconnect. */
  registered(name: string, concurrency: number): void;
  bundle(bundle: TrustBundleMessage): void;
  material(material: GatewayMaterial): void;
  /** The certificate is to be replaced within that many ms. */
  renew(within: number): void;
  /** The stream was lost or refused; the next attempt follows by itself. */
  down(error: CallError): void;
  /** The registration was revoked: there is no next attempt. */
  revoked(): void;
}

/** ms that a farewell may take: the control plane itself waits 5 s for the proxies. */
const FAREWELL_TIMEOUT = 7000;
/** ms that a farewell waits for a control plane that went away in it: one that is replaced is back by then, one that ends as well is not. */
const COMES_BACK = 3000;

export class Attach {
  readonly #options: AttachOptions;
  readonly #backOff: BackOff;
  readonly #refusedBackOff: BackOff;
  readonly #readiness = new Map<string, boolean>();
  #instance: string | undefined;
  #bundle = '';
  /** What the hello under way did not say, since it came true while its answer was awaited. */
  readonly #news = new Map<string, boolean>();
  #newBundle = false;
  /** No part of the hello: told after each `registered`. */
  #openPorts: readonly OpenPort[] = [];
  #stream: UplinkStream | undefined;
  #up = false;
  #timer: Timer | undefined;
  #stopped = false;
  /** Said farewell: not ready any more, whatever the ports do. */
  #leaving = false;
  #farewell: ((acknowledged: boolean) => void) | undefined;
  /** Runs while a farewell has lost its stream. */
  #comesBack: Timer | undefined;

  constructor(options: AttachOptions) {
    this.#options = options;
    this.#instance = options.instance;
    this.#backOff = new BackOff(RECONNECT, options.roll);
    this.#refusedBackOff = new BackOff(REFUSED, options.roll);
  }

  get up(): boolean {
    return this.#up;
  }

  /** The Workload's name; undefined before the first `registered`. */
  get name(): string | undefined {
    return this.#instance;
  }

  start(): void {
    this.#attempt();
  }

  /** Tries at once when it waits to try again: there is a new certificate. */
  hurry(): void {
    if (this.#timer === undefined) return;
    this.#timer.cancel();
    this.#retry();
  }

  setReadiness(port: string, ready: boolean): void {
    if (this.#leaving || this.#readiness.get(port) === ready) return;
    this.#readiness.set(port, ready);
    if (this.#up) this.#say({ type: 'readiness', ports: new Map([[port, ready]]) });
    else this.#news.set(port, ready);
  }

  /** All application's ports that are open beside the proxy now. */
  setOpenPorts(ports: readonly OpenPort[]): void {
    this.#openPorts = ports;
    this.#say({ type: 'openPorts', ports });
  }

  setBundle(version: string): void {
    if (this.#bundle === version) return;
    this.#bundle = version;
    if (this.#up) this.#say({ type: 'bundleInUse', version });
    else this.#newBundle = true;
  }

  /**
   * Leaves: resolves to whether every proxy has let go, false as well when nobody could be told in time. The lease is kept until `stop`,
   * and a control plane that comes back within three seconds is told again.
   */
  deregister(): Promise<boolean> {
    if (!this.#up || this.#stopped || this.#leaving) return Promise.resolve(false);
    this.#leaving = true;
    for (const port of this.#readiness.keys()) this.#readiness.set(port, false);
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(FAREWELL_TIMEOUT, () => this.#answerFarewell(false));
      this.#farewell = (acknowledged) => {
        timer.cancel();
        resolve(acknowledged);
      };
      this.#say({ type: 'deregister' });
    });
  }

  stop(): void {
    this.#finish(false);
  }

  #finish(acknowledged: boolean): void {
    this.#stopped = true;
    this.#up = false;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#stream?.close();
    this.#stream = undefined;
    this.#answerFarewell(acknowledged);
  }

  #answerFarewell(acknowledged: boolean): void {
    const farewell = this.#farewell;
    this.#farewell = undefined;
    this.#comesBack?.cancel();
    this.#comesBack = undefined;
    farewell?.(acknowledged);
  }

  #attempt(): void {
    this.#options.prepare().then(
      (error) => {
        if (this.#stopped) return;
        if (error === undefined) this.#connect();
        else this.#failed(error);
      },
      (error: unknown) => this.#failed({ kind: 'unreachable', message: String(error) }),
    );
  }

  #connect(): void {
    const stream = this.#options.open({
      onMessage: (bytes) => this.#receive(bytes),
      onEnd: (error) => {
        this.#stream = undefined;
        this.#failed(error);
      },
    });
    this.#stream = stream;
    this.#news.clear();
    this.#newBundle = false;
    const { facts } = this.#options;
    const hello: Hello = {
      type: 'hello',
      ...facts,
      instance: this.#instance,
      bundle: this.#bundle,
      certificateEnds: this.#options.certificateEnds?.(),
      readiness: new Map(this.#readiness),
    };
    stream.send(Buffer.from(JSON.stringify(attachUpJson(hello))));
  }

  #receive(bytes: Buffer): void {
    const message = parse(bytes);
    if (message === undefined || typeof message === 'string') {
      this.#stream?.close();
      this.#stream = undefined;
      this.#failed({ kind: 'malformed', message: `unreadable message: ${message ?? 'not JSON'}` });
      return;
    }
    switch (message.type) {
      case 'registered':
        this.#instance = message.name;
        this.#up = true;
        this.#comesBack?.cancel();
        this.#comesBack = undefined;
        this.#backOff.reset();
        this.#refusedBackOff.reset();
        this.#sayNews();
        if (this.#leaving) this.#say({ type: 'deregister' });
        this.#options.events.registered(message.name, message.concurrency);
        return;
      case 'bundle':
        this.#options.events.bundle(message.bundle);
        return;
      case 'material':
        this.#options.events.material(message.material);
        return;
      case 'renew':
        this.#options.events.renew(message.within);
        return;
      case 'deregistered':
        this.#answerFarewell(message.acknowledged);
        return;
      case 'revoked':
        this.#finish(false);
        this.#options.events.revoked();
        return;
      default:
        message satisfies never;
    }
  }

  #sayNews(): void {
    if (this.#news.size > 0) this.#say({ type: 'readiness', ports: new Map(this.#news) });
    if (this.#newBundle) this.#say({ type: 'bundleInUse', version: this.#bundle });
    if (this.#openPorts.length > 0) this.#say({ type: 'openPorts', ports: this.#openPorts });
    this.#news.clear();
    this.#newBundle = false;
  }

  #failed(error: CallError): void {
    if (this.#stopped) return;
    this.#up = false;
    if (this.#farewell !== undefined)
      this.#comesBack ??= this.#options.clock.after(COMES_BACK, () => this.#answerFarewell(false));
    this.#options.events.down(error);
    const backOff = error.kind === 'refused' ? this.#refusedBackOff : this.#backOff;
    this.#timer = this.#options.clock.after(backOff.next(), () => this.#retry());
  }

  #retry(): void {
    this.#timer = undefined;
    this.#attempt();
  }

  #say(message: AttachUp): void {
    if (this.#up) this.#stream?.send(Buffer.from(JSON.stringify(attachUpJson(message))));
  }
}

/** A text is what is wrong with it. */
function parse(bytes: Buffer): AttachDown | string | undefined {
  try {
    const read = readAttachDown(JSON.parse(bytes.toString('utf8')));
    return read.ok ? read.value : read.error.map(formatDiagnostic).join('; ');
  } catch {
    return undefined;
  }
}

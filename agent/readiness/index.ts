/**
 * Whether the application's ports accept: an endpoint counts only while they do. One TCP connection a probe, closed at once; quick while a
 * port is not ready, slower while it is, and two failures in a row take it out.
 */
import net from 'node:net';
import type { MonotonicClock, Timer } from '@weft/core/kernel';

export interface ProbedPort {
  readonly name: string;
  /** On the loopback, 127.0.0.1 first, then ::1. */
  readonly port: number;
}

/** Resolves to whether the port accepted a connection. Never rejects. */
export type Probe = (port: number) => Promise<boolean>;

export interface ReadinessTimes {
  /** ms between probes of a port that is not ready. */
  readonly unready: number;
  readonly ready: number;
  /** Failures in a row that take a ready port out. */
  readonly failures: number;
}

export const READINESS_TIMES: ReadinessTimes = { unready: 50, ready: 1000, failures: 2 };

interface Watched {
  readonly port: ProbedPort;
  ready: boolean;
  failures: number;
  timer: Timer | undefined;
}

export class Readiness {
  readonly #watched: readonly Watched[];
  readonly #clock: MonotonicClock;
  readonly #probe: Probe;
  readonly #onChange: (name: string, ready: boolean) => void;
  readonly #times: ReadinessTimes;
  #stopped = false;

  constructor(
    ports: readonly ProbedPort[],
    clock: MonotonicClock,
    probe: Probe,
    onChange: (name: string, ready: boolean) => void,
    times: ReadinessTimes = READINESS_TIMES,
  ) {
    this.#watched = ports.map((port) => ({ port, ready: false, failures: 0, timer: undefined }));
    this.#clock = clock;
    this.#probe = probe;
    this.#onChange = onChange;
    this.#times = times;
  }

  start(): void {
    for (const watched of this.#watched) this.#look(watched);
  }

  stop(): void {
    this.#stopped = true;
    for (const { timer } of this.#watched) timer?.cancel();
  }

  #look(watched: Watched): void {
    void this.#probe(watched.port.port).then((accepted) => {
      if (this.#stopped) return;
      watched.failures = accepted ? 0 : watched.failures + 1;
      const ready = accepted || (watched.ready && watched.failures < this.#times.failures);
      if (ready !== watched.ready) {
        watched.ready = ready;
        this.#onChange(watched.port.name, ready);
      }
      const wait = accepted ? this.#times.ready : this.#times.unready;
      watched.timer = this.#clock.after(wait, () => this.#look(watched));
    });
  }
}

/** Connects on both loopbacks, at most `timeoutMs` each. */
export const tcpProbe =
  (timeoutMs = 1000): Probe =>
  async (port) =>
    (await accepts('127.0.0.1', port, timeoutMs)) || (await accepts('::1', port, timeoutMs));

function accepts(host: string, port: number, timeout: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout });
    const done = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(false));
  });
}

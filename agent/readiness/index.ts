/**
 * Whether the application is ready: an endpoint counts only while it is. One TCP connection a probe, closed at once, and a GET where one was asked
 * for; quick while a port is not ready, slower while it is, and two failures in a row take it out.
 */
import http from 'node:http';
import net from 'node:net';
import type { MonotonicClock, Timer } from '@weft/core/kernel';

export interface ProbedPort {
  readonly name: string;
  /** On the loopback, 127.0.0.1 first, then ::1. */
  readonly port: number;
  /** A GET to be answered with 200 to 399, as Kubernetes' `httpGet`; absent: that the port accepts is enough. */
  readonly get?: { readonly port: number; readonly path: string } | undefined;
}

/** Resolves to whether the port is ready. Never rejects. */
export type Probe = (port: ProbedPort) => Promise<boolean>;

export interface ReadinessTimes {
  /** ms between probes of a port that is not ready. */
  readonly unready: number;
  /** The same where an application has to answer. */
  readonly unreadyGet: number;
  readonly ready: number;
  /** Failures in a row that take a ready port out. */
  readonly failures: number;
}

export const READINESS_TIMES: ReadinessTimes = { unready: 50, unreadyGet: 250, ready: 1000, failures: 2 };

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
    void this.#probe(watched.port).then((accepted) => {
      if (this.#stopped) return;
      watched.failures = accepted ? 0 : watched.failures + 1;
      const ready = accepted || (watched.ready && watched.failures < this.#times.failures);
      if (ready !== watched.ready) {
        watched.ready = ready;
        this.#onChange(watched.port.name, ready);
      }
      const { ready: whileReady, unready, unreadyGet } = this.#times;
      const wait = accepted ? whileReady : watched.port.get === undefined ? unready : unreadyGet;
      watched.timer = this.#clock.after(wait, () => this.#look(watched));
    });
  }
}

const LOOPBACKS = ['127.0.0.1', '::1'] as const;

/** On both loopbacks, at most `timeoutMs` for each connection and each answer. */
export const loopbackProbe =
  (timeoutMs = 1000): Probe =>
  async ({ port, get }) =>
    (await either((host) => accepts(host, port, timeoutMs))) &&
    (get === undefined || (await either((host) => answers(host, get, timeoutMs))));

async function either(asked: (host: string) => Promise<boolean>): Promise<boolean> {
  for (const host of LOOPBACKS) if (await asked(host)) return true;
  return false;
}

function answers(host: string, { port, path }: { port: number; path: string }, timeout: number): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = { host: `localhost:${port}`, 'user-agent': 'weft-readiness', connection: 'close' };
    const request = http.get({ host, port, path, headers, agent: false });
    const late = setTimeout(() => request.destroy(), timeout);
    request.once('response', ({ statusCode = 0 }) => {
      request.destroy();
      resolve(statusCode >= 200 && statusCode < 400);
    });
    request.on('error', () => {});
    request.once('close', () => {
      clearTimeout(late);
      resolve(false);
    });
  });
}

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

/** Requests of known outcome: a server that answers what it is asked for, clients that keep what they saw, and a judge of what others say of it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { quantile, type TrafficCounts } from '@weft/core/traffic';
import { exchange } from '../http-client/index.ts';

function asked(url: string): [status: number, delay: number, bytes: number, caller: string] {
  const match = /^\/(\d+)\/(\d+)\/(\d+)(?:\/(\w+))?/.exec(url);
  return match === null ? [200, 0, 0, ''] : [Number(match[1]), Number(match[2]), Number(match[3]), match[4] ?? ''];
}

/** Answers `/STATUS/DELAY/BYTES/CALLER`. */
export class KnownServer {
  readonly counts = new Map<number, number>();
  /** ms, by caller. */
  readonly durations = new Map<string, number[]>();
  readonly #server = http.createServer((request, response) => {
    const [status, delay, bytes, caller] = asked(request.url ?? '');
    const begun = performance.now();
    request.resume();
    request.on('end', () => {
      setTimeout(() => {
        this.counts.set(status, (this.counts.get(status) ?? 0) + 1);
        response.writeHead(status);
        response.end('x'.repeat(bytes));
        const known = this.durations.get(caller);
        const took = performance.now() - begun;
        if (known === undefined) this.durations.set(caller, [took]);
        else known.push(took);
      }, delay);
    });
  });

  async start(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** What one client saw; several add up in one. */
export class Seen {
  readonly statuses = new Map<number, number>();
  /** ms. */
  readonly durations: number[] = [];
  /** Octets of bodies. */
  sent = 0;
  received = 0;
}

const STATUSES = [200, 200, 200, 404, 200, 201, 500, 200, 200, 403];

export interface DriveOptions {
  readonly port: number;
  readonly caller: string;
  readonly requests: number;
  /** Connections, each with one request at a time. */
  readonly lanes: number;
  /** Where in the row of outcomes it begins. */
  readonly offset: number;
  /** ms that an answer is held, by the request's index. */
  readonly delay: (index: number) => number;
  readonly seen?: Seen;
}

/** Outcomes and delays that are the same in every run; an answer of another status is an error. */
export async function drive({
  port,
  caller,
  requests,
  lanes,
  offset,
  delay,
  seen = new Seen(),
}: DriveOptions): Promise<Seen> {
  let next = 0;
  const lane = async (agent: http.Agent): Promise<void> => {
    while (next < requests) {
      const index = next + offset;
      next += 1;
      const status = STATUSES[index % STATUSES.length] ?? 200;
      const body = 'b'.repeat(index % 100);
      const begun = performance.now();
      const answer = await exchange(
        { port },
        { method: 'POST', path: `/${status}/${delay(index)}/${index % 2000}/${caller}`, body },
        agent,
      );
      seen.durations.push(performance.now() - begun);
      assert.equal(answer.status, status);
      seen.statuses.set(status, (seen.statuses.get(status) ?? 0) + 1);
      seen.sent += body.length;
      seen.received += answer.body.length;
    }
  };
  const agents = Array.from({ length: lanes }, () => new http.Agent({ keepAlive: true, maxSockets: 1 }));
  await Promise.all(agents.map(lane));
  for (const agent of agents) agent.destroy();
  return seen;
}

export const byStatus = (counts: TrafficCounts): [number, number][] => {
  const sum = new Map<number, number>();
  for (const { code, count } of counts.responses) sum.set(code, (sum.get(code) ?? 0) + count);
  return sorted(sum);
};

export const sorted = (statuses: ReadonlyMap<number, number>): [number, number][] =>
  [...statuses].sort(([a], [b]) => a - b);

/** A proxy sees a request later than its client and longer than its server: its quantile is within 5 % of what lies between theirs. */
export function between(
  counts: TrafficCounts,
  served: readonly number[],
  asking: readonly number[],
  q: number,
  what: string,
): void {
  const said = quantile(counts.durations, q);
  const [least, most] = [rank(served, q), rank(asking, q)];
  // A few requests of the start are among them: they were short.
  assert.ok(
    said >= least * 0.95 && said <= most * 1.05,
    `${what}: p${q * 100} is said to be ${said}, it was ${least} to ${most}`,
  );
}

export const rank = (durations: readonly number[], q: number): number =>
  durations.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(q * durations.length) - 1)] ?? Number.NaN;

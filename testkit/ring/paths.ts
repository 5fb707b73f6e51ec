/** The ways through our engines that the ring judges: requests towards servers, and the answers of a hostile server towards clients. */
import { type Answer, answerOf } from './answer-payload.ts';
import { AnswerRing } from './answers.ts';
import type { Protocol } from './bootstrap.ts';
import { weftFront } from './fronts.ts';
import { type Payload, payloadOf, payloadText } from './payload.ts';
import { Ring } from './ring.ts';

export interface RingPath {
  readonly name: string;
  readonly way: 'requests' | 'answers';
  /** Part of a run over all of them; the sum is 1. */
  readonly share: number;
  /** What each engine speaks to the next one, the last to the servers. */
  readonly hops: readonly Protocol[];
}

/** `weft/1` needs the tool openssl. */
export const RING_PATHS: readonly RingPath[] = [
  { name: 'requests', way: 'requests', share: 0.3, hops: ['http1'] },
  { name: 'requests-to-http2', way: 'requests', share: 0.2, hops: ['http2'] },
  { name: 'requests-over-http1', way: 'requests', share: 0.1, hops: ['http1', 'http1'] },
  { name: 'requests-over-http2', way: 'requests', share: 0.1, hops: ['http2', 'http1'] },
  { name: 'requests-over-weft1', way: 'requests', share: 0.1, hops: ['weft/1', 'http1'] },
  { name: 'answers', way: 'answers', share: 0.1, hops: ['http1'] },
  { name: 'answers-of-http2', way: 'answers', share: 0.05, hops: ['http2'] },
  { name: 'answers-over-weft1', way: 'answers', share: 0.05, hops: ['weft/1', 'http1'] },
];

export interface PathSetup {
  readonly seed: number;
  readonly count: number;
  readonly first?: number;
  /** Requests in place of generated ones. */
  readonly listed?: readonly Payload[] | undefined;
  readonly lanes?: number;
}

export interface PathReport {
  readonly path: string;
  readonly judges: readonly string[];
  readonly payloads: number;
  readonly seconds: number;
  /** Payloads that went through whole, and those of which a part was refused. */
  readonly whole: number;
  readonly refused: number;
  /** `payload` as one line. */
  readonly disagreements: readonly {
    readonly index: number;
    readonly faults: readonly string[];
    readonly payload: string;
  }[];
  /** What belongs to no payload. */
  readonly strays: readonly string[];
  /** What a judge would not take by itself, in words. */
  readonly notes: readonly string[];
}

export const runPath = (path: RingPath, folder: string, setup: PathSetup): Promise<PathReport> =>
  path.way === 'requests' ? runRequests(path, folder, setup) : runAnswers(path, folder, setup);

async function runRequests(
  { name, hops }: RingPath,
  folder: string,
  { seed, count, first = 0, listed, lanes = 48 }: PathSetup,
): Promise<PathReport> {
  const protocol = hops.at(-1) === 'http2' ? 'http2' : 'http1';
  const ring = await Ring.start(folder, { front: weftFront(folder, hops), protocol });
  try {
    const report = await ring.run((index) => listed?.[index] ?? payloadOf(seed, index), count, { first, lanes });
    return {
      ...report,
      path: name,
      judges: report.backends,
      whole: report.routed,
      disagreements: report.disagreements.map((one) => ({ ...one, payload: payloadText(one.payload) })),
      notes: [...report.refusedBy]
        .toSorted((a, b) => b[1].times - a[1].times)
        .map(
          ([
            what,
            {
              times,
              sample: { method, target, host, fields },
            },
          ]) => {
            const sample = JSON.stringify({ method, target, host, fields }).slice(0, 300);
            return `routed, but not taken by ${what} (${times} times, as ${sample})`;
          },
        ),
    };
  } finally {
    await ring.stop();
  }
}

async function runAnswers(
  { name, hops }: RingPath,
  folder: string,
  { seed, count, first = 0 }: PathSetup,
): Promise<PathReport> {
  const protocol: Answer['protocol'] = hops.at(-1) === 'http2' ? 'http2' : 'http1';
  const ring = await AnswerRing.start({ front: weftFront(folder, hops), protocol, folder });
  try {
    const report = await ring.run((index) => answerOf(seed, index, protocol), count, { first });
    return {
      ...report,
      path: name,
      judges: report.clients,
      whole: report.passed,
      disagreements: report.disagreements.map(({ index, faults, answer }) => ({
        index,
        faults,
        payload: payloadText(answer),
      })),
      strays: [],
      notes: [...report.unseen].map(([client, times]) => `good, but not seen whole by ${client}: ${times}`),
    };
  } finally {
    await ring.stop();
  }
}

/**
 * The ring's other direction: what a hostile server answers goes through our engine to strict clients. Either the engine refuses it, or every client
 * sees the one answer that an independent reading of the RFCs takes it for; and nobody ever sees a part of somebody else's.
 */
import { tool } from '../tools/index.ts';
import {
  type AnswerClient,
  type Asked,
  type Asking,
  type Got,
  nodeClient,
  nodeHttp2Client,
  strictClient,
  strictHttp2Client,
} from './answer-clients.ts';
import type { Answer } from './answer-payload.ts';
import { type AnswerReading, readAnswer } from './answer-reference.ts';
import { type RunningProxy, startProxy } from './backends.ts';
import { curlClient } from './curl-client.ts';
import type { Front } from './fronts.ts';
import { startHostile } from './hostile.ts';
import type { RunningServer } from './recorder.ts';
import { fieldTable, SAW } from './seen.ts';

export interface AnswerDisagreement {
  readonly index: number;
  readonly answer: Answer;
  readonly faults: readonly string[];
}

export interface AnswerReport {
  readonly clients: readonly string[];
  readonly payloads: number;
  readonly seconds: number;
  /** Answers that every client saw whole, and those that at least one did not. */
  readonly passed: number;
  readonly refused: number;
  readonly disagreements: readonly AnswerDisagreement[];
  /** Client -> good answers that it did not see whole: the engine's refusals and its own. */
  readonly unseen: ReadonlyMap<string, number>;
}

export interface AnswerRingSetup {
  readonly front: Front;
  readonly protocol: Answer['protocol'];
  readonly folder: string;
  /** What the clients speak; both unless said. */
  readonly versions?: readonly Answer['protocol'][];
  /** ms that a client waits. */
  readonly patience?: number;
}

const BATCH = 100;

export class AnswerRing {
  readonly #stops: (() => Promise<void>)[] = [];
  readonly #clients: AnswerClient[] = [];
  #answers: (index: number) => Answer = () => {
    throw new Error('no answers yet');
  };

  static async start({
    front,
    protocol,
    folder,
    versions = ['http1', 'http2'],
    patience = 20_000,
  }: AnswerRingSetup): Promise<AnswerRing> {
    const ring = new AnswerRing();
    try {
      const hostile = await startHostile(protocol, (index) => ring.#answers(index));
      ring.#stops.unshift(hostile.stop);
      const engine: RunningServer = await front(hostile.port);
      ring.#stops.unshift(engine.stop);
      const asking: Asking = { port: engine.port, patience };
      const clients: AnswerClient[] = [];
      const curl = tool('curl') !== undefined;
      if (versions.includes('http1')) clients.push(strictClient('octets', asking), nodeClient(asking));
      if (versions.includes('http2'))
        clients.push(strictHttp2Client('octets, HTTP/2', asking), nodeHttp2Client(asking));
      if (curl && versions.includes('http1')) clients.push(curlClient('--http1.1', asking, folder));
      if (curl && versions.includes('http2')) clients.push(curlClient('--http2-prior-knowledge', asking, folder));
      for (const name of ['nginx', 'haproxy', 'envoy'] as const) {
        if (tool(name) === undefined) continue;
        const proxy: RunningProxy = await startProxy(name, folder, engine.port);
        ring.#stops.unshift(proxy.stop);
        clients.push(strictClient(name, { port: proxy.port, patience }));
      }
      ring.#clients.push(...clients);
      return ring;
    } catch (error) {
      await ring.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) await client.stop();
    for (const stop of this.#stops) await stop();
  }

  /** `answer(index)` from `first` on; stops early after `most` disagreements. */
  async run(
    answer: (index: number) => Answer,
    count: number,
    { first = 0, most = 20 }: { readonly first?: number; readonly most?: number } = {},
  ): Promise<AnswerReport> {
    const began = performance.now();
    const given = new Map<number, { readonly answer: Answer; readonly reading: AnswerReading }>();
    this.#answers = (index) => (given.get(index) ?? ended(answer(index))).answer;
    const disagreements: AnswerDisagreement[] = [];
    const unseen = new Map<string, number>();
    const counts = { passed: 0, refused: 0 };
    let payloads = 0;
    while (payloads < count && disagreements.length < most) {
      const asked: Asked[] = [];
      given.clear();
      for (let at = 0; at < BATCH && payloads < count; at += 1) {
        const index = first + payloads;
        const made = ended(answer(index));
        given.set(index, made);
        asked.push({ index, method: made.answer.method });
        payloads += 1;
      }
      const got = await Promise.all(this.#clients.map((client) => client.ask(asked)));
      asked.forEach(({ index }, at) => {
        const made = given.get(index);
        if (made === undefined) return;
        const faults: string[] = [];
        let whole = true;
        this.#clients.forEach(({ name }, client) => {
          const verdict = judge(made.reading, got[client]?.[at] as Got);
          if (verdict === 'seen') return;
          whole = false;
          if (verdict === 'refused') {
            if (typeof made.reading === 'object') unseen.set(name, (unseen.get(name) ?? 0) + 1);
          } else faults.push(`${name} ${verdict}`);
        });
        counts[whole ? 'passed' : 'refused'] += 1;
        if (faults.length > 0) disagreements.push({ index, answer: made.answer, faults });
      });
    }
    return {
      clients: this.#clients.map(({ name }) => name),
      payloads,
      seconds: (performance.now() - began) / 1000,
      ...counts,
      disagreements,
      unseen,
    };
  }
}

/** One that would keep the engine waiting ends with the connection. */
function ended(answer: Answer): { answer: Answer; reading: AnswerReading } {
  const reading = readAnswer(answer);
  if (reading !== 'more' || answer.protocol !== 'http1') return { answer, reading };
  const closed = { ...answer, closes: true };
  return { answer: closed, reading: readAnswer(closed) };
}

/** 'seen', 'refused', or what is wrong. */
function judge(reading: AnswerReading, { kind, status, fields, body, text }: Got): string {
  const saw = fields.some(([name]) => name === SAW);
  if (kind === 'cut') return reading === 'bad' && saw ? `saw the head of what is no answer (${text})` : 'refused';
  if (typeof reading === 'object' && reading.status === status) {
    const different = differs(reading, fields, body);
    if (different === undefined) return 'seen';
    if (saw || status < 500) return `understood ${different}`;
  }
  if (saw) return `saw an answer of ${status}, which nobody gave (${text})`;
  return status >= 500 ? 'refused' : `got ${status} (${text})`;
}

/** Fields of which there can be one: where a server says two, nginx hands on one of them, as a recipient may. */
const SINGLE = new Set(['content-type', 'etag', 'location', 'content-location', 'alt-svc']);
const isOneOf = (fields: Got['fields'], name: string, value: string): boolean =>
  SINGLE.has(name) && fields.some((field) => field[0] === name && fieldTable([field]).get(name) === value);

function differs(
  wanted: { readonly fields: Got['fields']; readonly body: string },
  fields: Got['fields'],
  body: string,
): string | undefined {
  if (wanted.body !== body)
    return `the body ${JSON.stringify(body.slice(0, 80))} instead of ${JSON.stringify(wanted.body.slice(0, 80))}`;
  const sent = fieldTable(wanted.fields);
  for (const [name, value] of fieldTable(fields)) {
    if (sent.get(name) !== value && !isOneOf(wanted.fields, name, value))
      return `field ${name}: ${JSON.stringify(value.slice(0, 80))} instead of ${JSON.stringify(sent.get(name)?.slice(0, 80) ?? 'none')}`;
    sent.delete(name);
  }
  for (const name of sent.keys()) return `no field ${name}`;
  return undefined;
}

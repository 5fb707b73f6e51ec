/** Sends a case's requests to an engine's listener and says everything that is not as expected. */
import http from 'node:http';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { boundsOfShare } from '../chance/index.ts';
import type { Echo } from '../echo/index.ts';
import { exchange, exchangeHttp2, exchangeRaw, type Received, type Sent } from '../http-client/index.ts';
import { converse, type Place } from '../streams/index.ts';
import { filledIn } from './bootstrap.ts';
import type { Case, CaseRequest } from './case.ts';

/** One text a deviation; none means that the case holds. */
export async function judge(written: Case, place: Place, caseIndex = 0, adminPath = ''): Promise<string[]> {
  const one = filledIn(written, caseIndex);
  const faults: string[] = [];
  const saved = new Map<string, string>();
  const port = Number(place);
  for (const [index, request] of one.requests.entries()) {
    const say = (text: string): void => void faults.push(`request ${index + 1}: ${text}`);
    if (request.admin !== undefined) {
      const { status } = await exchange({ socketPath: adminPath }, { method: 'POST', path: request.admin });
      if (status !== 200) say(`${request.admin}: ${status}`);
    }
    if (request.converse !== undefined) {
      const fault = await converse(place, request.transport ?? 'tcp', request.converse);
      if (fault !== undefined) say(fault);
    } else if (request.raw !== undefined) await judgeRaw(request, port, say);
    else if (request.choices !== undefined) {
      const chosen = await chosenBackends(request.send, port, Object.keys(request.choices));
      for (const [key, backend] of Object.entries(request.choices))
        if (chosen[key] !== backend) say(`${key} went to ${chosen[key]}, expected ${backend}`);
    } else if (request.repeat !== undefined) await judgeDistribution(request, port, say);
    else {
      const send = request.send?.http2 === true ? exchangeHttp2 : exchange;
      for (let left = request.times ?? 1; left > 0; left -= 1) {
        const answer = await send({ port }, encoded(withSaved(request.send, saved)));
        judgeAnswer(request, answer, say);
        for (const [name, [header, pattern]] of Object.entries(request.save ?? {}))
          saved.set(name, new RegExp(pattern).exec(String(answer.headers[header]))?.[1] ?? '');
      }
    }
  }
  return faults;
}

/** Which backend answers each key (case.ts `choices`). */
export async function chosenBackends(
  send: CaseRequest['send'],
  port: number,
  keys: readonly string[],
): Promise<Record<string, string>> {
  const chosen: Record<string, string> = {};
  for (const key of keys) {
    const filled = JSON.parse(JSON.stringify(send ?? {}).replaceAll('{{key}}', key)) as CaseRequest['send'];
    const got = await exchange({ port }, filled);
    chosen[key] = got.headers['x-backend'] === undefined ? `status:${got.status}` : String(got.headers['x-backend']);
  }
  return chosen;
}

const ENCODERS = { gzip: gzipSync, br: brotliCompressSync, zstd: zstdCompressSync };

const encoded = (send: CaseRequest['send']): Sent | undefined =>
  send?.encode === undefined ? send : { ...send, body: ENCODERS[send.encode](send.body ?? '') };

const withSaved = (send: CaseRequest['send'], saved: ReadonlyMap<string, string>): CaseRequest['send'] =>
  send?.headers === undefined || saved.size === 0
    ? send
    : {
        ...send,
        headers: Object.fromEntries(
          Object.entries(send.headers).map(([name, value]) => [
            name,
            value.replace(/\{\{saved:([^}]*)\}\}/g, (_, saving: string) => saved.get(saving) ?? ''),
          ]),
        ),
      };

async function judgeRaw(
  { raw = '', expect = {} }: CaseRequest,
  port: number,
  say: (text: string) => void,
): Promise<void> {
  const wanted = new RegExp(expect.raw ?? '', 's');
  const enough = (answer: Buffer): boolean => wanted.test(answer.toString('latin1'));
  const answer = (await exchangeRaw({ port }, Buffer.from(raw, 'latin1'), 700, enough)).toString('latin1');
  if (!wanted.test(answer)) say(`expected /${expect.raw}/, got ${JSON.stringify(answer)}`);
}

function judgeAnswer({ expect = {} }: CaseRequest, got: Received, say: (text: string) => void): void {
  const text = got.body.toString();
  if (expect.status !== undefined && got.status !== expect.status)
    say(`status ${got.status}, expected ${expect.status}: ${text.slice(0, 200)}`);
  for (const [name, value] of Object.entries(expect.headers ?? {})) {
    if (String(got.headers[name]) !== value)
      say(`header ${name}: ${JSON.stringify(got.headers[name])}, expected ${JSON.stringify(value)}`);
  }
  for (const name of expect.absent_trailers ?? [])
    if (got.trailers[name] !== undefined) say(`trailer ${name} is there`);
  for (const [name, value] of Object.entries(expect.trailers ?? {})) {
    if (got.trailers[name] !== value) say(`trailer ${name}: ${JSON.stringify(got.trailers[name])}, expected ${value}`);
  }
  for (const name of expect.absent ?? [])
    if (got.headers[name] !== undefined) say(`header ${name} must be absent, is ${String(got.headers[name])}`);
  for (const [name, pattern] of Object.entries(expect.headers_match ?? {})) {
    if (!new RegExp(pattern).test(String(got.headers[name])))
      say(`header ${name}: ${JSON.stringify(got.headers[name])}, expected /${pattern}/`);
  }
  if (expect.body_match !== undefined && !new RegExp(expect.body_match, 's').test(text))
    say(`body ${JSON.stringify(text.slice(0, 800))}, expected /${expect.body_match}/`);
  if (expect.body !== undefined && text !== expect.body && got.body.toString('latin1') !== expect.body)
    say(`body ${JSON.stringify(text.slice(0, 200))}, expected ${JSON.stringify(expect.body)}`);
  if (expect.echo === undefined) return;
  const echo = readEcho(got);
  if (echo === undefined) {
    say(`expected an answer of a backend, got ${got.status} ${text.slice(0, 200)}`);
    return;
  }
  for (const field of ['backend', 'method', 'path', 'version', 'bodyLength'] as const) {
    const wanted = expect.echo[field];
    if (wanted !== undefined && echo[field] !== wanted) say(`backend saw ${field} ${echo[field]}, expected ${wanted}`);
  }
  for (const [name, value] of Object.entries(expect.echo.headers ?? {})) {
    if (echo.headers[name] !== value)
      say(`backend saw ${name}: ${JSON.stringify(echo.headers[name])}, expected ${JSON.stringify(value)}`);
  }
  for (const [name, pattern] of Object.entries(expect.echo.headers_match ?? {})) {
    if (!new RegExp(pattern).test(echo.headers[name] ?? ''))
      say(`backend saw ${name}: ${JSON.stringify(echo.headers[name])}, expected /${pattern}/`);
  }
  for (const name of expect.echo.absent ?? [])
    if (echo.headers[name] !== undefined) say(`backend must not see ${name}, saw ${echo.headers[name]}`);
}

function readEcho(got: Received): Echo | undefined {
  if (got.headers['x-backend'] === undefined) return undefined;
  try {
    return JSON.parse(got.body.toString()) as Echo;
  } catch {
    return undefined;
  }
}

async function judgeDistribution(request: CaseRequest, port: number, say: (text: string) => void): Promise<void> {
  const total = request.repeat ?? 1;
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  const counts = new Map<string, number>();
  const one = async (): Promise<void> => {
    const got = await exchange({ port }, request.send, agent);
    const who = got.headers['x-backend'] === undefined ? `status:${got.status}` : String(got.headers['x-backend']);
    counts.set(who, (counts.get(who) ?? 0) + 1);
  };
  let left = total;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (left > 0) {
        left -= 1;
        await one();
      }
    }),
  );
  agent.destroy();
  const wanted = request.expect?.distribution ?? {};
  for (const [who, share] of Object.entries(wanted)) {
    const count = counts.get(who) ?? 0;
    const [least, most] = boundsOfShare(total, share);
    if (count < least || count > most) say(`${who} got ${count} of ${total}, expected ${least} to ${most}`);
  }
  for (const [who, count] of counts)
    if (wanted[who] === undefined) say(`${who} got ${count} of ${total}, expected none`);
}

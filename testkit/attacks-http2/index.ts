/** Attacks by messages of HTTP/2 as data (e2e/attacks-http2/*.yaml), and their judge: frames out, what comes back, what the backend got. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Chain } from '../attacks/index.ts';
import { block, END_HEADERS, END_STREAM, type Fields, frame, GOOD, Http2Peer } from '../http2-frames/index.ts';

export * from './floods.ts';

export interface MessageAttack {
  readonly row: number;
  readonly title: string;
  readonly source: string;
  readonly probes: readonly MessageProbe[];
}

export interface MessageProbe {
  readonly name: string;
  /** Of the attack runs' bootstrap; default `safe`. */
  readonly listener?: string;
  readonly set?: Readonly<Record<string, string | null>>;
  /** `name: value`, one character an octet, before and behind the good request's fields. */
  readonly first?: readonly string[];
  readonly add?: readonly string[];
  readonly data?: string;
  readonly trailers?: readonly string[];
  readonly trailersEnd?: boolean;
  /** The head once more, after the request has ended. */
  readonly again?: boolean;
  /** The head alone is a whole request: the backend may have got it. */
  readonly whole?: boolean;
  readonly expect: {
    readonly reset?: number;
    readonly goaway?: number;
    readonly status?: number;
    readonly forward?: true;
  };
}

export const readMessageAttacks = (file: string): readonly MessageAttack[] =>
  (parse(readFileSync(file, 'utf8')) as { readonly attacks: readonly MessageAttack[] }).attacks;

/** The name ends at the first colon that is not the first character. */
const fieldOf = (text: string): readonly [string, string] => {
  const separator = text.indexOf(': ', 1);
  return separator < 0
    ? text.startsWith(': ')
      ? ['', text.slice(2)]
      : [text, '']
    : [text.slice(0, separator), text.slice(separator + 2)];
};

export function fieldsOf({ set = {}, first = [], add = [] }: MessageProbe): Fields {
  const changed = GOOD.flatMap(([name, value]) => {
    const other = set[name];
    return other === null ? [] : [[name, other ?? value] as const];
  });
  return [...first.map(fieldOf), ...changed, ...add.map(fieldOf)];
}

/** What the data states has come, or the connection has gone. */
export function isOver(client: Http2Peer, { expect }: MessageProbe, stream: number): boolean {
  const { reset, goaway, status, forward } = expect;
  return (
    client.state !== 'open' ||
    (reset !== undefined && client.resetOf(stream) >= 0) ||
    (goaway !== undefined && client.goAway >= 0) ||
    ((status !== undefined || forward === true) && client.isComplete(stream))
  );
}

/** Everything that is not as the data states. `reused`: after a good request on the same connection. */
export async function judgeMessage(probe: MessageProbe, chain: Chain, reused: boolean): Promise<string[]> {
  const faults: string[] = [];
  const { recorder } = chain;
  recorder.reset();
  const client = await Http2Peer.connect(chain.port(probe.listener ?? 'safe'));
  try {
    if (reused && !(await client.serves(1))) return ['the good request before was not answered'];
    const before = recorder.requests.length;
    const stream = reused ? 3 : 1;
    for (const one of framesOf(probe, stream)) client.write(one);
    const { reset, goaway, status, forward } = probe.expect;
    if (!(await client.until(() => isOver(client, probe, stream)))) faults.push('nothing came back');
    const got = client.resetOf(stream);
    if (reset !== undefined && got !== reset)
      faults.push(`reset ${got}, expected ${reset}; status ${client.status(stream)}`);
    if (goaway !== undefined && client.goAway !== goaway) faults.push(`GOAWAY ${client.goAway}, expected ${goaway}`);
    if (status !== undefined && client.status(stream) !== status)
      faults.push(`status ${client.status(stream)} (reset ${got}), expected ${status}`);
    if (forward === true && client.status(stream) !== 200)
      faults.push(`status ${client.status(stream)} (reset ${got})`);
    const whole = recorder.requests.length - before;
    const wanted = forward === true || probe.again === true || probe.whole === true ? 1 : 0;
    if (whole > wanted || (forward === true && whole !== 1))
      faults.push(`the backend got ${whole} requests: ${recorder.requests.at(-1)?.line}`);
    if (recorder.faults.length > 0) faults.push(`the backend saw ${recorder.faults.join(', ')}`);
    // A fault of one stream costs that stream only; one of the connection costs nobody else.
    if (goaway === undefined && !(await client.serves(stream + 2))) faults.push('the connection serves no more');
    const other = await Http2Peer.connect(chain.port('safe'));
    if (!(await other.serves(1))) faults.push('another client is not served');
    other.destroy();
  } finally {
    client.destroy();
  }
  return faults;
}

/** The probe as a message of that stream: its frames, each to be written by itself. */
export function framesOf(probe: MessageProbe, stream: number): readonly Buffer[] {
  const { data, trailers } = probe;
  const head = (ended: boolean): Buffer =>
    frame('HEADERS', END_HEADERS | (ended ? END_STREAM : 0), stream, block(fieldsOf(probe)));
  const frames = [head(data === undefined && trailers === undefined)];
  if (data !== undefined)
    frames.push(frame('DATA', trailers === undefined ? END_STREAM : 0, stream, Buffer.from(data, 'latin1')));
  if (trailers !== undefined)
    frames.push(
      frame(
        'HEADERS',
        END_HEADERS | (probe.trailersEnd === false ? 0 : END_STREAM),
        stream,
        block(trailers.map(fieldOf)),
      ),
    );
  if (probe.again === true) frames.push(head(true));
  return frames;
}

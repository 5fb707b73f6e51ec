/** `weft traces`: requests of the last hour as the control plane keeps them; `weft trace ID`: one of them, span by span. */
import type { TraceDocument, TracesDocument } from '@weft/core/documents';
import { parseDuration } from '@weft/core/kernel';
import { attributeOf, extent, type KeptSpan, spanTree } from '@weft/core/traces';
import { type ClientFlags, connect, orFail } from '../cli/connect.ts';
import { outputFormat, toJson } from '../cli/output.ts';
import { CommandError, EXIT_OK, UsageError } from '../errors.ts';
import { fittedTable, terminalWidth } from '../traffic/fitted-table.ts';
import { coloured } from '../traffic/words.ts';

export interface TracesFlags extends ClientFlags {
  readonly namespace?: string;
  readonly workload?: string;
  readonly errors?: boolean;
  readonly slowerThan?: string;
  readonly max?: string;
  readonly output?: string;
}

const SHORT_ID = 16;
const BAR = 24;

export async function traces(flags: TracesFlags): Promise<number> {
  const format = outputFormat(flags.output, ['table', 'json']);
  if (flags.slowerThan !== undefined && parseDuration(flags.slowerThan) === undefined)
    throw new UsageError(`--slower-than takes a duration like 250ms or 2s, not '${flags.slowerThan}'`);
  const query = new URLSearchParams({
    ...(flags.namespace === undefined ? {} : { namespace: flags.namespace }),
    ...(flags.workload === undefined ? {} : { workload: flags.workload }),
    ...(flags.errors === true ? { errors: 'true' } : {}),
    ...(flags.slowerThan === undefined ? {} : { slowerThan: flags.slowerThan }),
    ...(flags.max === undefined ? {} : { limit: flags.max }),
  });
  const document = await asked(flags, `/weft/v1/traces?${query}`);
  if (format === 'json') process.stdout.write(toJson(document));
  else if (document.traces.length === 0) process.stdout.write(nothing(document));
  else process.stdout.write(table(document.traces));
  return EXIT_OK;
}

export async function trace(flags: TracesFlags, [id = '']: readonly string[]): Promise<number> {
  const format = outputFormat(flags.output, ['table', 'json']);
  const document = await asked(flags, `/weft/v1/traces/${encodeURIComponent(id)}`);
  const [found] = document.traces;
  if (found === undefined)
    throw new CommandError(`no trace ${id} is kept: see \`weft traces\`; beginnings of ids have at least 8 digits`);
  process.stdout.write(format === 'json' ? toJson(found) : waterfall(found));
  return EXIT_OK;
}

async function asked(flags: TracesFlags, path: string): Promise<TracesDocument> {
  const client = connect(flags);
  try {
    return (await orFail(client.call('GET', path))) as unknown as TracesDocument;
  } finally {
    client.close();
  }
}

const nothing = ({ health }: TracesDocument): string =>
  health.spans === 0
    ? 'no trace is kept here: write `tracing: {}` in the Mesh, without `endpoint`\n'
    : 'no trace is as you ask\n';

const took = (ms: number): string =>
  ms < 10 ? `${ms.toFixed(1)}ms` : ms < 1000 ? `${Math.round(ms)}ms` : `${(ms / 1000).toFixed(2)}s`;

const nameOf = ({ namespace, workload }: KeptSpan): string => `${namespace}/${workload}`;

function table(found: readonly TraceDocument[]): string {
  const headers = ['TRACE', 'AT', 'FROM', 'REQUEST', 'STATUS', 'TOOK', 'SPANS', 'ERRORS'];
  const rows = found.map(({ id, spans }) => {
    const [first] = spans;
    const failed = spans.filter(({ error }) => error).length;
    if (first === undefined) return [];
    return [
      id.slice(0, SHORT_ID),
      new Date(first.start).toISOString().slice(11, 23),
      nameOf(first),
      `${attributeOf(first, 'http.request.method')} ${attributeOf(first, 'server.address')}${attributeOf(first, 'url.path')}`,
      attributeOf(first, 'http.response.status_code'),
      took(extent(spans).length),
      String(spans.length),
      failed === 0 ? '0' : { text: String(failed), style: (text: string) => coloured('red', text) },
    ];
  });
  return fittedTable(headers, rows, terminalWidth());
}

/** Each span under the one that it is a child of; one whose parent nobody kept stands at the left, and says so. */
function waterfall({ id, spans }: TraceDocument): string {
  const { start, length } = extent(spans);
  const rows = spanTree(spans).map(({ span, depth, orphan }) => {
    const status = attributeOf(span, 'http.response.status_code');
    const flags = attributeOf(span, 'response_flags');
    const kept = attributeOf(span, 'weft.kept');
    return [
      `${'  '.repeat(depth)}${span.kind === 'client' ? '→' : '●'} ${nameOf(span)}`,
      `${span.name} ${attributeOf(span, 'url.path')}`,
      span.error ? { text: status, style: (text: string) => coloured('red', text) } : status,
      took(span.start - start),
      took(span.duration),
      bar(length === 0 ? 0 : (span.start - start) / length, length === 0 ? 1 : span.duration / length),
      [flags === '-' ? '' : flags, kept === '' ? '' : `kept: ${kept}`, orphan ? 'its parent is not here' : '']
        .filter((text) => text !== '')
        .join(', '),
    ];
  });
  const headers = ['SPAN', 'REQUEST', 'STATUS', 'AT', 'TOOK', '', 'NOTES'];
  return `trace ${id}, ${new Date(start).toISOString()}, ${took(length)}\n${fittedTable(headers, rows, terminalWidth())}`;
}

/** Shares of the whole. */
function bar(from: number, wide: number): string {
  const before = Math.min(BAR - 1, Math.floor(from * BAR));
  return `${' '.repeat(before)}${'─'.repeat(Math.max(1, Math.min(BAR - before, Math.round(wide * BAR))))}`.padEnd(BAR);
}

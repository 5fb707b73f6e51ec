/** B3 (github.com/openzipkin/b3-propagation): x-b3-* headers, and all of it in one header. */
import {
  hexId,
  type OutgoingContext,
  type ReadHeader,
  type TraceContext,
  type TraceFormat,
  type WriteHeader,
} from './context.ts';

const SAMPLED: Readonly<Record<string, boolean>> = { '1': true, true: true, d: true, '0': false, false: false };

/** The word on sampling that came without ids, or with them; undefined: none. */
export function b3Sampled(header: ReadHeader): boolean | undefined {
  const single = header('b3');
  if (single !== undefined) {
    const [first = '', second, flag] = single.split('-');
    return SAMPLED[second === undefined ? first : (flag ?? '')];
  }
  return header('x-b3-flags') === '1' ? true : SAMPLED[header('x-b3-sampled') ?? ''];
}

function contextOf(
  trace: string | undefined,
  span: string | undefined,
  parent: string | undefined,
  sampled: boolean | undefined,
): TraceContext | undefined {
  const traceId = trace === undefined ? undefined : hexId(trace.toLowerCase(), 32);
  const spanId = span === undefined ? undefined : hexId(span.toLowerCase(), 16);
  if (traceId === undefined || spanId === undefined) return undefined;
  return { traceId, spanId, parentId: hexId((parent ?? '').toLowerCase(), 16) ?? '', sampled, traceState: '' };
}

/** A trace of 64 bits goes on as one: whoever began it may not know the longer form. */
export const b3TraceId = (traceId: string): string =>
  traceId.startsWith('0000000000000000') ? traceId.slice(16) : traceId;

export const B3: TraceFormat = {
  headers: ['x-b3-traceid', 'x-b3-spanid', 'x-b3-parentspanid', 'x-b3-sampled', 'x-b3-flags'],
  read: (header) =>
    contextOf(header('x-b3-traceid'), header('x-b3-spanid'), header('x-b3-parentspanid'), b3Sampled(header)),
  write({ traceId, spanId, parentId, sampled }: OutgoingContext, write: WriteHeader) {
    write('x-b3-traceid', b3TraceId(traceId));
    write('x-b3-spanid', spanId);
    if (parentId !== '') write('x-b3-parentspanid', parentId);
    write('x-b3-sampled', sampled ? '1' : '0');
  },
};

export const B3_SINGLE: TraceFormat = {
  headers: ['b3'],
  read(header) {
    const [trace, span, flag, parent, more] = header('b3')?.split('-') ?? [];
    if (flag !== undefined && SAMPLED[flag] === undefined) return undefined;
    return more === undefined ? contextOf(trace, span, parent, b3Sampled(header)) : undefined;
  },
  write({ traceId, spanId, parentId, sampled }: OutgoingContext, write: WriteHeader) {
    const parent = parentId === '' ? '' : `-${parentId}`;
    write('b3', `${b3TraceId(traceId)}-${spanId}-${sampled ? '1' : '0'}${parent}`);
  },
};

/** Jaeger's uber-trace-id: {trace-id}:{span-id}:{parent-span-id}:{flags}, in hex without leading zeros; the third is of no use to anybody now. */
import { hexId, type TraceFormat } from './context.ts';

const HEADER = 'uber-trace-id';
const SAMPLED = 1;
const DEBUG = 2;

export const JAEGER: TraceFormat = {
  headers: [HEADER],
  read(header) {
    const text = header(HEADER)?.replaceAll(/%3a/gi, ':');
    const [trace = '', span = '', , flags, more] = text?.split(':') ?? [];
    const traceId = hexId(trace.toLowerCase(), 32);
    const spanId = hexId(span.toLowerCase(), 16);
    if (traceId === undefined || spanId === undefined || more !== undefined) return undefined;
    if (flags === undefined || !/^[0-9a-f]{1,2}$/i.test(flags)) return undefined;
    const sampled = (Number.parseInt(flags, 16) & (SAMPLED | DEBUG)) !== 0;
    return { traceId, spanId, parentId: '', sampled, traceState: '' };
  },
  write({ traceId, spanId, sampled }, write) {
    write(HEADER, `${traceId}:${spanId}:0:${sampled ? '1' : '0'}`);
  },
};

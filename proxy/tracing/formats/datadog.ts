/** Datadog's headers: the lower half of the trace's id and the span's in decimal, the upper half in a tag (`_dd.p.tid`), a priority. */
import { hexId, type TraceFormat } from './context.ts';

const TRACE = 'x-datadog-trace-id';
const PARENT = 'x-datadog-parent-id';
const PRIORITY = 'x-datadog-sampling-priority';
const TAGS = 'x-datadog-tags';
const MAX = 0xffff_ffff_ffff_ffffn;

/** 16 digits of hex of a decimal number of at most 64 bits; undefined for what is none, or zero. */
function decimalId(text: string | undefined): string | undefined {
  if (text === undefined || !/^[0-9]{1,20}$/.test(text)) return undefined;
  const number = BigInt(text);
  return number > MAX ? undefined : hexId(number.toString(16), 16);
}

const decimal = (hex: string): string => BigInt(`0x${hex}`).toString();

export const DATADOG: TraceFormat = {
  headers: [TRACE, PARENT, PRIORITY, TAGS],
  read(header) {
    const low = decimalId(header(TRACE));
    const spanId = decimalId(header(PARENT));
    if (low === undefined || spanId === undefined) return undefined;
    const high = /(?:^|,)_dd\.p\.tid=([0-9a-f]{16})(?:,|$)/.exec(header(TAGS) ?? '')?.[1] ?? '0000000000000000';
    const priority = header(PRIORITY);
    const sampled = priority === undefined || !/^-?[0-9]{1,2}$/.test(priority) ? undefined : Number(priority) > 0;
    return { traceId: high + low, spanId, parentId: '', sampled, traceState: '' };
  },
  write({ traceId, spanId, sampled }, write) {
    write(TRACE, decimal(traceId.slice(16)));
    write(PARENT, decimal(spanId));
    write(PRIORITY, sampled ? '1' : '0');
    const high = traceId.slice(0, 16);
    if (!/^0+$/.test(high)) write(TAGS, `_dd.p.tid=${high}`);
  },
};

/**
 * Values of added headers with Envoy's command operators (`%REQ(name)%`, `%PROTOCOL%`, ...), compiled once: the operators of access logs
 * (telemetry/operators.ts), of which one with nothing to say is empty here. An operator that is not known is a fault of the configuration,
 * never text on the wire.
 */
import type { BodyFormat } from '@weft/core/proxy-config';
import type { ExchangeRecord } from '../ports.ts';
import { compileText } from '../telemetry/access-log.ts';
import { compileFormat, renderPlain } from '../telemetry/format.ts';

/** What operators may ask of an exchange: that part of its record which is known by then. */
export type FormatSource = ExchangeRecord;

export type ValueFormat = (source: FormatSource) => string;

/** The format, or the fault as text. */
export function compileValueFormat(text: string): { readonly format: ValueFormat } | { readonly fault: string } {
  if (!text.includes('%')) return { format: () => text };
  try {
    const pieces = compileFormat(text);
    return { format: (source) => renderPlain(pieces, source) };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

/** The body of an answer of our own: text, or JSON as access logs write it. */
export function compileBodyFormat({
  format,
  contentType,
}: BodyFormat): { readonly format: ValueFormat; readonly contentType: string } | { readonly fault: string } {
  try {
    const standard = format.kind === 'json' ? 'application/json' : 'text/plain';
    return { format: compileText(format), contentType: contentType === '' ? standard : contentType };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

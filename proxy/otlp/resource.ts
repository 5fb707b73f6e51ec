/** Attributes of the resource that telemetry is of, as detectors tell them. */
import type { ResourceDetector } from '@weft/core/proxy-config';

type Pairs = readonly (readonly [name: string, value: string])[];

/** `own`: what the process says of itself before OTEL_RESOURCE_ATTRIBUTES does. In order; the later word of a name counts. */
export const detected = (detectors: readonly ResourceDetector[], own: Pairs): Pairs =>
  detectors.flatMap((detector) => (detector.kind === 'static' ? detector.attributes : [...own, ...ofEnvironment()]));

/** OTEL_RESOURCE_ATTRIBUTES: `name=value` by commas, values percent-encoded; what is no pair says nothing. */
function ofEnvironment(): (readonly [string, string])[] {
  return (process.env['OTEL_RESOURCE_ATTRIBUTES'] ?? '').split(',').flatMap((pair) => {
    const equals = pair.indexOf('=');
    if (equals <= 0) return [];
    try {
      return [[pair.slice(0, equals).trim(), decodeURIComponent(pair.slice(equals + 1).trim())] as const];
    } catch {
      return [];
    }
  });
}

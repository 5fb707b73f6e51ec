/**
 * Fields by which a message reads from the host that a proxy runs on: files (DataSource.filename, PathConfigSource, WatchedDirectory) and its
 * environment. Whoever may write a patch must not read through every proxy what he may not read himself.
 */
import type { Diagnostic } from '@weft/core/kernel';

const HOST_FIELDS: ReadonlySet<string> = new Set([
  'filename',
  'environment_variable',
  'environmentVariable',
  'path_config_source',
  'pathConfigSource',
  'watched_directory',
  'watchedDirectory',
]);

export function hostFaults(value: unknown, path = ''): Diagnostic[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => hostFaults(item, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const at = path === '' ? name : `${path}.${name}`;
    return HOST_FIELDS.has(name) ? [hostFault(at, name)] : hostFaults(item, at);
  });
}

const hostFault = (path: string, name: string): Diagnostic => ({
  severity: 'error',
  code: 'unsupported-value',
  message: `\`${name}\` would read from the host of every proxy`,
  place: { path },
  remedy: 'write what it would hold: `inline_string` or `inline_bytes`',
});

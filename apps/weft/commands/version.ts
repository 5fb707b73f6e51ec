/** `weft version [-o json]`: the version, and what it runs on. */
import { UsageError } from '../errors.ts';
import { WEFT_VERSION } from '../version.ts';

export function version(args: readonly string[]): number {
  const [flag, format] = args;
  if (flag === undefined || (flag === '-o' && format === 'text')) {
    process.stdout.write(`weft ${WEFT_VERSION} (Node ${process.versions.node}, OpenSSL ${process.versions.openssl})\n`);
    return 0;
  }
  if ((flag === '-o' || flag === '--output') && format === 'json') {
    const document = {
      weft: WEFT_VERSION,
      node: process.versions.node,
      openssl: process.versions.openssl,
      platform: `${process.platform}-${process.arch}`,
    };
    process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
    return 0;
  }
  throw new UsageError(`version takes -o json, not '${args.join(' ')}'`);
}

/** A process of its own for the measurement. */
import { benchPath } from './index.ts';

await benchPath(process.argv.slice(2));
process.exit();

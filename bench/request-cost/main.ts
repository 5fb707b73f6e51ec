/** A process of its own for the measurement. */
import { benchRequestCost } from './index.ts';

await benchRequestCost();

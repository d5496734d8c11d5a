import { embedded } from '../fixture.js';
import { dryRunLaws } from './dry-run-laws.js';

dryRunLaws(embedded);

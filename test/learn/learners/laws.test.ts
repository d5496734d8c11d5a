import { growTree } from '../../../src/adapters/forest/grow-tree.js';
import { learnersWith } from '../../../src/learn/learners/index.js';
import { learnerLaws } from '../../laws/learner-laws.js';

const learners = learnersWith(growTree);

learnerLaws('forest', learners.forest, { trees: 20, rowsPerTree: 800 });
learnerLaws('boosting', learners.boosting, { rounds: 80 });
learnerLaws('boosting with five members', learners.boosting, { rounds: 40, members: 5 });
learnerLaws('linear', learners.linear);
learnerLaws('head', learners.head);

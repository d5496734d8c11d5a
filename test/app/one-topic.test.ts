import { embedded } from './fixture.js';
import { oneTopicLaws } from './one-topic-laws.js';

oneTopicLaws('the embedded store', embedded);

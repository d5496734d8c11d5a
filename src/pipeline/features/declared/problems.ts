import type { DeclaredFeature } from '../../../config/declared-schema.js';
import { interactionPathOf } from '../../../events/interaction-path.js';
import { valuesOfTake } from '../../clean/takes/categories.js';
import { isLocalTake } from '../../clean/takes/numbers.js';

/** What is wrong with options of a line of `features.declared` against each other; null: nothing. */
export function lineProblem(feature: DeclaredFeature): string | null {
  switch (feature.kind) {
    case 'number':
      return feature.zone !== undefined && !isLocalTake(feature.take)
        ? `${feature.name} has a zone and takes no time: take is timeOfDay, dayOfWeek, dayOfMonth, month or year`
        : null;
    case 'category': {
      const { name, take, internal, values = [], index } = feature;
      if (internal && take !== 'referer') return `${name} has domains of its own (internal) and does not take: referer`;
      if (index && values.length === 0) return `${name} asks for the place among its values (index) and names none`;
      const unknown = take && values.find((value) => !valuesOfTake(take).includes(value));
      if (take && unknown) return `${name} never is ${unknown}; ${take} is one of ${valuesOfTake(take).join(', ')}`;
      const twice = values.find((value, at) => values.indexOf(value) !== at);
      return twice === undefined ? null : `${name} names the value ${twice} twice`;
    }
    case 'vector':
    case 'match':
      return [feature.from, feature.kind === 'vector' ? feature.query : feature.with].some(
        (path) => interactionPathOf(path) !== undefined,
      )
        ? `${feature.name} is a ${feature.kind}, which interactions cannot bring`
        : null;
    default:
      return null;
  }
}

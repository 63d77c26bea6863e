/** A model whose read never answers, for the test that a search is ended from outside. */
import { defineModel } from '../../../../checkers/index.ts';

export default defineModel<number>({
  name: 'stuck',
  summary: 'a register whose reads never end',
  operations: { read: 'never answers', write: 'sets the value' },
  init: () => 0,
  step(state, { f }) {
    while (f === 'read') state = (state + 1) % 2;
    return state;
  },
});

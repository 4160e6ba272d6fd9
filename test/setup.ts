import fc from 'fast-check';

// One seed for every property test: a failure is the same failure on every machine.
fc.configureGlobal({ seed: 20230, numRuns: 100 });

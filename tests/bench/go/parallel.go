package main

import "sync"

const (
	workers   = 8
	cpuSteps  = 2000000
	jobs      = 2000
	steps10us = 6000
	steps1us  = 600
	primes    = 400
	lastPrime = 2741
)

func work(seed uint32, steps int) uint32 {
	x := seed | 1
	for range steps {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
	}
	return x
}

func cpu(n int, expected uint32) {
	for range n {
		var wg sync.WaitGroup
		var result [workers]uint32
		for w := range workers {
			wg.Add(1)
			go func() {
				result[w] = work(uint32(w), cpuSteps)
				wg.Done()
			}()
		}
		wg.Wait()
		sum := uint32(0)
		for _, r := range result {
			sum += r
		}
		check(sum == expected, "cpu: wrong result")
	}
}

func fan(n, steps int, expected uint32) {
	for range n {
		todo, results := make(chan uint32, 16), make(chan uint32, 16)
		var wg sync.WaitGroup
		for range workers {
			wg.Add(1)
			go func() {
				for job := range todo {
					results <- work(job, steps)
				}
				wg.Done()
			}()
		}
		go func() {
			for job := range uint32(jobs) {
				todo <- job
			}
			close(todo)
			wg.Wait()
			close(results)
		}()
		sum := uint32(0)
		for v := range results {
			sum += v
		}
		check(sum == expected, "fan: wrong sum")
	}
}

func sumOfWork(count uint32, steps int) (sum uint32) {
	for job := range count {
		sum += work(job, steps)
	}
	return sum
}

// passOn and take say false when all end.
func passOn(out chan int, v int, quit chan struct{}) bool {
	select {
	case out <- v:
		return true
	case <-quit:
		return false
	}
}

func take(in chan int, quit chan struct{}) (int, bool) {
	select {
	case v := <-in:
		return v, true
	case <-quit:
		return 0, false
	}
}

func sieve(n int) {
	for range n {
		var wg sync.WaitGroup
		quit := make(chan struct{})
		in := make(chan int)
		wg.Add(1)
		go func(out chan int) {
			for v := 2; passOn(out, v, quit); v++ {
			}
			wg.Done()
		}(in)
		prime := 0
		for range primes {
			prime = <-in
			out := make(chan int)
			wg.Add(1)
			go func(prime int, in, out chan int) {
				for {
					v, ok := take(in, quit)
					if !ok || v%prime != 0 && !passOn(out, v, quit) {
						break
					}
				}
				wg.Done()
			}(prime, in, out)
			in = out
		}
		check(prime == lastPrime, "sieve: wrong prime")
		close(quit)
		wg.Wait()
	}
}

func parallel(n int) {
	sum8, sum10, sum1 := sumOfWork(workers, cpuSteps), sumOfWork(jobs, steps10us), sumOfWork(jobs, steps1us)
	say("cpu_ns", measure(func(n int) { cpu(n, sum8) }, n))
	say("fan10_ns", measure(func(n int) { fan(n, steps10us, sum10) }, n))
	say("fan1_ns", measure(func(n int) { fan(n, steps1us, sum1) }, n))
	say("sieve_ns", measure(sieve, n))
}

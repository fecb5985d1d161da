// callbacks: threads made by C call into Go: goroutines born in a syscall, gone with it, and born again.
package main

/*
#include <pthread.h>
#include <unistd.h>

void fromC(int n);

static void *thread_main(void *arg) {
	int n = (int)(long)arg;
	for (int i = 0; i < n; i++) {
		fromC(i);
		usleep(100);
	}
	return 0;
}

static void call_back(int threads, int n) {
	pthread_t t[8];
	for (int i = 0; i < threads; i++)
		pthread_create(&t[i], 0, thread_main, (void *)(long)n);
	for (int i = 0; i < threads; i++)
		pthread_join(t[i], 0);
}

static void wait_a_bit(void) { usleep(300); }
*/
import "C"

import "runtime"

var sum = make(chan int, 1000)

//export fromC
func fromC(n C.int) {
	select {
	case sum <- int(n):
	default:
		<-sum
	}
	if n%3 == 0 {
		runtime.Gosched()
	}
	if n%4 == 0 {
		C.wait_a_bit()
	}
}

func main() {
	record(func(scale int) {
		for i := 0; i < scale; i++ {
			C.call_back(3, 12)
			C.call_back(1, 5)
		}
	})
}

// syscalls: short ones, and long ones that lose their P: raw reads of a pipe, sleeps in the kernel, files, a child process.
package main

import (
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

func pipe(n int) {
	var fds [2]int
	check(syscall.Pipe(fds[:]))
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		var b [1]byte
		for i := 0; i < n; i++ {
			_, err := syscall.Read(fds[0], b[:])
			check(err)
		}
	}()
	for i := 0; i < n; i++ {
		if i%8 == 0 {
			ts := syscall.NsecToTimespec(200_000)
			_ = syscall.Nanosleep(&ts, nil)
		}
		_, err := syscall.Write(fds[1], []byte{1})
		check(err)
	}
	wg.Wait()
	syscall.Close(fds[0])
	syscall.Close(fds[1])
}

func main() {
	record(func(scale int) {
		busy := make(chan bool)
		for i := 0; i < 3; i++ {
			go func() {
				for {
					select {
					case <-busy:
						return
					case <-time.After(100 * time.Microsecond):
					}
				}
			}()
		}
		for i := 0; i < scale; i++ {
			pipe(60)
			for k := 0; k < 20; k++ {
				_, err := os.Stat("/")
				check(err)
			}
			if i%50 == 0 {
				check(exec.Command("true").Run())
			}
		}
		close(busy)
	})
}

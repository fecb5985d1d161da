// network: goroutines wait for the network poller.
package main

import (
	"io"
	"net"
	"sync"
	"time"
)

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	record(func(scale int) {
		var wg sync.WaitGroup
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					_, _ = io.Copy(c, c)
					c.Close()
				}()
			}
		}()
		for g := 0; g < 3; g++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				c, err := net.Dial("tcp", l.Addr().String())
				check(err)
				defer c.Close()
				b := make([]byte, 10)
				for i := 0; i < 20*scale; i++ {
					_, err = c.Write(b)
					check(err)
					_, err = io.ReadFull(c, b)
					check(err)
				}
				check(c.SetReadDeadline(time.Now().Add(time.Millisecond)))
				_, _ = c.Read(b)
			}()
		}
		wg.Wait()
		l.Close()
	})
}

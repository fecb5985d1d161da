;; before
(module
 (func $f (result i32)
  (i32.load offset=8
   (global.get $__tls_base)
  )
 )
)

;; after
(module
 (func $f (result i32)
  (i32.load offset=8
   (call $port_tls_base)
  )
 )
)


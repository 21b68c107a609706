// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {Handler} from "./Handler.sol";
import {TestBase} from "./TestBase.sol";

/// @dev A random walk over the calls of one handler.
abstract contract Walk is TestBase {
    address private target;

    function walkOver(Handler handler) internal {
        target = address(handler);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = target;
    }

    /// @dev Whether equations that sum over everything are asked now. The ghost ledger adds up whatever happens, so that a fault
    /// still shows in the next eighth block, and after the walk at the latest; asked after every call they would take all the time.
    function isCounted() internal view returns (bool) {
        return block.number % 8 == 0;
    }
}

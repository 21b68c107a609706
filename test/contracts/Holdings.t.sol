// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {Holdings} from "../../contracts/libraries/Holdings.sol";
import {TestBase} from "./support/TestBase.sol";

/// What no amount of the local token and no order of a provision's own thaws leads to.
contract HoldingsTest is TestBase {
    using Holdings for Holdings.Holding;

    Holdings.Holding private h;

    /// @dev From outside, so that it can be seen to refuse.
    function add(uint256 amount) external returns (uint120) {
        return h.add(amount);
    }

    function test_add_holdsAllThat120BitsDo_andNoMore() public {
        uint256 most = type(uint120).max;
        eq(h.add(most - 1), most - 1, "one less");
        eq(h.add(1), most, "all");
        vm.expectRevert(abi.encodeWithSelector(Holdings.HoldingTooLarge.selector, most + 1));
        this.add(1);
        eq(h.held, most, "as before");
    }

    /// The second would end first.
    function test_thaw_endsNoSoonerThanTheOneBeforeIt() public {
        h.add(20);
        h.thaw(10, 200);
        (uint120 thawing, uint40 thawedAt) = h.thaw(5, 100);
        eq(thawing, 15, "both");
        eq(thawedAt, 200, "together");
        eq(h.lastThawedAt(), 200, "as it is kept");
        eq(h.staying(200), 20, "none has ended");
        eq(h.staying(201), 5, "both have");
        (, thawedAt) = h.thaw(5, 300);
        eq(thawedAt, 300, "later");
    }
}
